# The packages of Debian: cmake --build build/release --target package. One component of install.cmake is one package.
set(TASKQUEUE_PACKAGE_CONTACT "TaskQueue authors <taskqueue@packages.invalid>" CACHE STRING
  "Who maintains the packages: NAME <ADDRESS>")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME taskqueue)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_OUTPUT_FILE_PREFIX ${PROJECT_BINARY_DIR}/packages)
set(CPACK_SET_DESTDIR ON)  # files below /etc, and paths that are filled in when they are installed
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL cli server runner php dev doc)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${TASKQUEUE_PACKAGE_CONTACT})
set(CPACK_DEBIAN_PACKAGE_SECTION web)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(version_of_packages "${PROJECT_VERSION}-1")
# taskqueue_package(COMPONENT NAME ARCHITECTURE DEPENDS RECOMMENDS SUMMARY TEXT)
macro(taskqueue_package component name architecture depends recommends summary text)
  string(TOUPPER ${component} upper)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${name})
  set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${depends}")
  set(CPACK_DEBIAN_${upper}_PACKAGE_RECOMMENDS "${recommends}")
  set(CPACK_DEBIAN_${upper}_DESCRIPTION "${summary}\n${text}")
  if(NOT "${architecture}" STREQUAL "any")
    set(CPACK_DEBIAN_${upper}_PACKAGE_ARCHITECTURE ${architecture})
    set(CPACK_DEBIAN_${upper}_PACKAGE_SHLIBDEPS OFF)
  endif()
  # What each package has: copyright and changelog, and the scripts of .packaging/debian.
  install(FILES ${PROJECT_SOURCE_DIR}/.packaging/debian/copyright
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} COMPONENT ${component})
  install(FILES ${PROJECT_BINARY_DIR}/packaging/changelog.Debian.gz
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} COMPONENT ${component})
  file(GLOB control_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/.packaging/debian/${name}/*)
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA "${control_files}")
endmacro()

set(users "systemd | systemd-standalone-sysusers")
set(directories "systemd | systemd-standalone-tmpfiles")
taskqueue_package(cli taskqueue any "${users}, ${directories}, tzdata" ""
  "background task queue beside a PHP CMS: command line"
  "TaskQueue moves slow work of a site out of its requests. It uses the site's\n\
own MariaDB schema and nginx. This package has the command line: it attaches\n\
the queue to a site, migrates its tables, and shows and changes tasks.")
taskqueue_package(server taskqueue-server any "taskqueue (= ${version_of_packages}), libjs-chart.js" "nginx"
  "background task queue beside a PHP CMS: pages and API"
  "TaskQueue moves slow work of a site out of its requests. This package has\n\
the FastCGI program behind nginx: the pages for administrators, the HTTP API,\n\
and the unit of the overseer, which fires schedules and rescues runs.")
taskqueue_package(runner taskqueue-runner any "taskqueue (= ${version_of_packages})" "php-taskqueue"
  "background task queue beside a PHP CMS: runner"
  "TaskQueue moves slow work of a site out of its requests. This package has\n\
the runner, which claims tasks and runs their handlers in worker processes:\n\
C++, PHP or any executable.")
taskqueue_package(php php-taskqueue all "php-cli" "php-mysql, php-curl"
  "background task queue beside a PHP CMS: client and worker in PHP"
  "TaskQueue moves slow work of a site out of its requests. This package has\n\
the PHP library with which a site enqueues tasks over SQL or HTTP, and the\n\
worker that runs handlers in PHP.")
taskqueue_package(dev taskqueue-dev all "" ""
  "background task queue beside a PHP CMS: headers for plug-ins"
  "TaskQueue moves slow work of a site out of its requests. This package has\n\
the headers for plug-ins with handlers in C++, with files for CMake and\n\
pkg-config.")
taskqueue_package(doc taskqueue-doc all "" ""
  "background task queue beside a PHP CMS: documents"
  "TaskQueue moves slow work of a site out of its requests. This package has\n\
the guides for developers and operators, and the design with its decisions.")
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DOC_PACKAGE_SECTION doc)
set(CPACK_DEBIAN_PHP_PACKAGE_SECTION php)

# The changelog of Debian is made of CHANGELOG.md by version.
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/packaging/changelog.Debian.gz
  COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/packaging
  COMMAND ${PROJECT_SOURCE_DIR}/.packaging/changelog ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${TASKQUEUE_PACKAGE_CONTACT}
    ${PROJECT_BINARY_DIR}/packaging/changelog.Debian.gz
  DEPENDS ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${PROJECT_SOURCE_DIR}/.packaging/changelog
  VERBATIM)
add_custom_target(taskqueue_changelog ALL DEPENDS ${PROJECT_BINARY_DIR}/packaging/changelog.Debian.gz)

include(CPack)
