# What `cmake --install` and the packages put where. A component is a package (packages.cmake).
include(GNUInstallDirs)

install(TARGETS taskqueue RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT cli)
install(TARGETS taskqueue-fcgi RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT server)
install(TARGETS task-runner RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runner)
# What the workers load when they make a mail (runner/mail/mime.cpp).
install(TARGETS taskqueue_curl taskqueue_mime LIBRARY DESTINATION lib/taskqueue COMPONENT runner)

# taskqueue_install_configured(COMPONENT TEMPLATE DESTINATION NAME [EXECUTABLE]): fills the template in when it is installed, since
# `cmake --install --prefix` and CPack decide then about the prefix. A DESTINATION that begins with etc/ is below
# /etc if the prefix is /usr.
function(taskqueue_install_configured component template destination name)
  install(CODE "set(component ${component})
set(template [[${PROJECT_SOURCE_DIR}/${template}]])
set(destination [[${destination}]])
set(name [[${name}]])
set(version [[${PROJECT_VERSION}]])
set(scratch [[${PROJECT_BINARY_DIR}/installed]])
include([[${PROJECT_SOURCE_DIR}/.packaging/install_configured.cmake]])" COMPONENT ${component})
endfunction()

foreach(unit taskqueue-fcgi.service taskqueue-fcgi.socket taskqueue-overseer.service taskqueue-overseer.timer)
  taskqueue_install_configured(server runner/systemd/${unit}.in lib/systemd/system ${unit})
endforeach()
taskqueue_install_configured(runner runner/systemd/task-runner@.service.in lib/systemd/system task-runner@.service)
install(FILES runner/systemd/run-as-users.conf
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/taskqueue-runner/examples COMPONENT runner)
taskqueue_install_configured(runner runner/cron/taskqueue.in ${CMAKE_INSTALL_DATADIR}/taskqueue/cron taskqueue)
install(FILES runner/supervisord/taskqueue.conf
  DESTINATION ${CMAKE_INSTALL_DATADIR}/taskqueue/supervisord COMPONENT runner)
taskqueue_install_configured(cli .packaging/sysusers.conf lib/sysusers.d taskqueue.conf)
taskqueue_install_configured(cli .packaging/tmpfiles.conf lib/tmpfiles.d taskqueue.conf)
taskqueue_install_configured(cli .packaging/logrotate etc/logrotate.d taskqueue)

install(FILES nginx/taskqueue-http.conf nginx/taskqueue-roles.conf nginx/taskqueue.conf.template
  nginx/taskqueue-basic-auth.conf.template nginx/taskqueue-sign-in.conf.template
  DESTINATION ${CMAKE_INSTALL_DATADIR}/taskqueue/nginx COMPONENT server)
install(FILES sql/grants.sql DESTINATION ${CMAKE_INSTALL_DATADIR}/taskqueue/sql COMPONENT cli)

# The runner needs the mails and their translations, which are those of the pages, too.
install(DIRECTORY templates/mail DESTINATION ${CMAKE_INSTALL_DATADIR}/taskqueue/templates COMPONENT cli)
install(FILES ${compiled_catalogues} DESTINATION ${CMAKE_INSTALL_DATADIR}/taskqueue/templates/locale COMPONENT cli)
install(DIRECTORY templates/ DESTINATION ${CMAKE_INSTALL_DATADIR}/taskqueue/templates COMPONENT server
  PATTERN locale EXCLUDE PATTERN mail EXCLUDE PATTERN README.md EXCLUDE)

install(DIRECTORY module/php DESTINATION ${CMAKE_INSTALL_DATADIR}/taskqueue COMPONENT php
  PATTERN cms EXCLUDE PATTERN worker.php EXCLUDE)
install(PROGRAMS module/php/worker.php DESTINATION ${CMAKE_INSTALL_DATADIR}/taskqueue/php COMPONENT php)
taskqueue_install_configured(php module/php/cms/task_queue_site.php ${CMAKE_INSTALL_DATADIR}/taskqueue/php/cms
  task_queue_site.php)
install(DIRECTORY module/php/cms DESTINATION ${CMAKE_INSTALL_DATADIR}/taskqueue/php COMPONENT php
  PATTERN task_queue_site.php EXCLUDE)

# What a plug-in is built against: find_package(TaskQueue), or pkg-config --cflags taskqueue.
install(FILES module/queue/handler_settings.h module/queue/retry_policy.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/taskqueue/module/queue COMPONENT dev)
install(FILES runner/handlers/plugin.h runner/handlers/task_handler.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/taskqueue/runner/handlers COMPONENT dev)
taskqueue_install_configured(dev .packaging/TaskQueueConfig.cmake.in ${CMAKE_INSTALL_DATADIR}/cmake/TaskQueue
  TaskQueueConfig.cmake)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/TaskQueueConfigVersion.cmake
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/TaskQueueConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_DATADIR}/cmake/TaskQueue COMPONENT dev)
taskqueue_install_configured(dev .packaging/taskqueue.pc.in ${CMAKE_INSTALL_DATADIR}/pkgconfig taskqueue.pc)

# The documents keep their folders, so that their links work.
file(GLOB_RECURSE documents CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} module/*.md module/*.png runner/*.md sql/*.md
  templates/*.md nginx/*.md tests/README.md)
foreach(document IN LISTS documents)
  get_filename_component(folder ${document} DIRECTORY)
  install(FILES ${document} DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/taskqueue-doc/${folder} COMPONENT doc)
endforeach()
install(FILES README.md sql/grants.sql DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/taskqueue-doc COMPONENT doc)

install(FILES .packaging/debian/README.Debian DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/taskqueue COMPONENT cli)

# The manual pages and completions are made by the programs, of the tables that --help shows.
set(manuals ${PROJECT_BINARY_DIR}/manuals)
set(made_manuals)
foreach(entry cli/taskqueue/1 server/taskqueue-fcgi/8 runner/task-runner/8)
  string(REPLACE / ";" entry ${entry})
  list(GET entry 0 component)
  list(GET entry 1 program)
  list(GET entry 2 section)
  add_custom_command(OUTPUT ${manuals}/${program}.${section}.gz ${manuals}/${program}.bash ${manuals}/${program}.zsh
    COMMAND ${CMAKE_COMMAND} -E make_directory ${manuals}
    COMMAND ${program} --print man > ${manuals}/${program}.${section}
    COMMAND gzip -9nf ${manuals}/${program}.${section}
    COMMAND ${program} --print bash > ${manuals}/${program}.bash
    COMMAND ${program} --print zsh > ${manuals}/${program}.zsh
    DEPENDS ${program})
  list(APPEND made_manuals ${manuals}/${program}.${section}.gz)
  install(FILES ${manuals}/${program}.${section}.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT ${component})
  install(FILES ${manuals}/${program}.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    RENAME ${program} COMPONENT ${component})
  install(FILES ${manuals}/${program}.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions
    RENAME _${program} COMPONENT ${component})
endforeach()
add_custom_target(taskqueue_manuals ALL DEPENDS ${made_manuals})
