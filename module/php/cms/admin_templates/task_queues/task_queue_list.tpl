<inp2:m_include t="incs/header"/>
<inp2:m_RenderElement name="combined_header" section="in-portal:task_queues" prefix="task-queue" title_preset="task_queue_list" pagination="1"/>

<!-- Untested against a live In-Portal. A list to look at: the toolbar has nothing that changes a row. -->
<table class="toolbar" height="30" cellspacing="0" cellpadding="0" width="100%" border="0">
<tbody>
  <tr>
    <td>
      <script type="text/javascript">
        a_toolbar = new ToolBar();
        a_toolbar.AddButton(new ToolBarButton('view', '<inp2:m_phrase label="la_ToolTip_OpenTaskQueue" escape="1"/>::<inp2:m_phrase label="la_ShortToolTip_OpenTaskQueue" escape="1"/>', function () {
          open_window('<inp2:m_Link template="task_queues/task_queue_list" task-queue_event="OnOpen" pass="m,task-queue" js_escape="1" no_amp="1"/>', 'task_queue', '1200x800');
        }));
        a_toolbar.Render();
      </script>
    </td>
    <inp2:m_RenderElement name="search_main_toolbar" prefix="task-queue" grid="Default"/>
  </tr>
</tbody>
</table>

<inp2:m_RenderElement name="grid" PrefixSpecial="task-queue" IDField="Id" grid="Default" grid_filters="1"/>

<inp2:m_include t="incs/footer"/>
