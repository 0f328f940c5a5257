<p>
<inp2:m_if check="x">
  open
</p>
