<inp2:m_include t="header"/>
<h1><inp2:m_phrase label="lu_title"/></h1>
