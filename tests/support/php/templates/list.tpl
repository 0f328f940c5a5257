<inp2:m_if check="x">yes</inp2:m_if>
