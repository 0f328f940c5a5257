Hello <inp2:u_Name/>
