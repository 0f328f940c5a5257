line 1
line 2
<inp2:m_phrase label="x"
