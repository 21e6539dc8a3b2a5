# install.cmake - where the file hierarchy wants things, and a Debian package of it.
set(SCIMD_SYSCONFDIR "/etc/scimd" CACHE STRING "Where scimd.yaml goes; the daemon looks there")
set(systemd_dir "lib/systemd/system") # below the prefix; systemd reads /usr/lib and /usr/local/lib

# The unit names the daemon by its full path, which is known when the prefix is: at installation.
install(CODE "set(SBINDIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_SBINDIR}\")
configure_file(\"${CMAKE_SOURCE_DIR}/systemd/scimd.service.in\"
               \"${CMAKE_BINARY_DIR}/systemd/scimd.service\" @ONLY)")

if(TARGET scimd)
  install(TARGETS scimd DESTINATION ${CMAKE_INSTALL_SBINDIR})
endif()
if(TARGET scimctl)
  install(TARGETS scimctl DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(FILES "${CMAKE_BINARY_DIR}/systemd/scimd.service" systemd/scimd.socket
        DESTINATION "${systemd_dir}")
install(FILES systemd/sysusers.conf DESTINATION lib/sysusers.d RENAME scimd.conf)
install(FILES systemd/tmpfiles.conf DESTINATION lib/tmpfiles.d RENAME scimd.conf)
install(FILES systemd/scimd.yaml DESTINATION "${SCIMD_SYSCONFDIR}")
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
include(cmake/manual.cmake)
install(FILES ${SCIMD_MANUAL} DESTINATION "${CMAKE_INSTALL_MANDIR}/man5")
foreach(section 1 7 8)
  file(GLOB pages CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/docs/man/*.${section}")
  install(FILES ${pages} DESTINATION "${CMAKE_INSTALL_MANDIR}/man${section}")
endforeach()

# `make package`: dependencies are what dpkg-shlibdeps finds, and the driver that is loaded by name.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME scimd)
set(CPACK_PACKAGE_CONTACT "scimd packagers <root@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "SCIM 2.0 provisioning daemon")
set(CPACK_PACKAGE_DESCRIPTION
    "Takes users and groups from identity providers over SCIM 2.0\n(RFC 7643, RFC 7644) and keeps them in relational tables\nthat an application reads with SQL.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libsqliteodbc, libsasl2-modules-gssapi-mit, systemd | systemd-standalone-sysusers")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    "${CMAKE_SOURCE_DIR}/cmake/package/conffiles" "${CMAKE_SOURCE_DIR}/cmake/package/postinst"
    "${CMAKE_SOURCE_DIR}/cmake/package/prerm" "${CMAKE_SOURCE_DIR}/cmake/package/postrm")
include(CPack)
