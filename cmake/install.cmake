# install.cmake - where the file hierarchy wants things.
if(TARGET scimd)
  install(TARGETS scimd DESTINATION ${CMAKE_INSTALL_SBINDIR})
endif()
if(TARGET scimctl)
  install(TARGETS scimctl DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
