# Run at installation by taskqueue_install_configured() of install.cmake, which sets component, template, destination, name,
# version and scratch.
set(BINDIR ${CMAKE_INSTALL_PREFIX}/bin)
set(DATADIR ${CMAKE_INSTALL_PREFIX}/share/taskqueue)
set(DOCDIR ${CMAKE_INSTALL_PREFIX}/share/doc/taskqueue-doc)
set(SYSCONFDIR /etc)
set(VERSION ${version})
configure_file(${template} ${scratch}/${component}/${name} @ONLY)
if(destination MATCHES "^etc/" AND CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(destination /${destination})
else()
  set(destination ${CMAKE_INSTALL_PREFIX}/${destination})
endif()
file(INSTALL DESTINATION ${destination} TYPE FILE FILES ${scratch}/${component}/${name})
