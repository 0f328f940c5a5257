<inp2:m_include t="incs/header"/>
<inp2:m_RenderElement name="combined_header" section="in-portal:task_runners" prefix="task-runner" title_preset="task_runner_list" pagination="1"/>

<!-- Untested against a live In-Portal. A list to look at: the toolbar has nothing that changes a row. -->
<table class="toolbar" height="30" cellspacing="0" cellpadding="0" width="100%" border="0">
<tbody>
  <tr>
    <td>
      <script type="text/javascript">
        a_toolbar = new ToolBar();
        a_toolbar.Render();
      </script>
    </td>
    <inp2:m_RenderElement name="search_main_toolbar" prefix="task-runner" grid="Default"/>
  </tr>
</tbody>
</table>

<inp2:m_RenderElement name="grid" PrefixSpecial="task-runner" IDField="Id" grid="Default" grid_filters="1"/>

<inp2:m_include t="incs/footer"/>
