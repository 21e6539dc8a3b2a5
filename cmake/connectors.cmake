# connectors.cmake - the folders of connectors/ are one library: the contract, the registry, the sources.
file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/connectors/*.c" "${CMAKE_SOURCE_DIR}/connectors/*/*.c")
add_library(scimd_connectors STATIC ${sources})
target_include_directories(scimd_connectors PUBLIC "${CMAKE_SOURCE_DIR}")
target_link_libraries(scimd_connectors PRIVATE scimd_warnings)
target_link_libraries(
  scimd_connectors PUBLIC scimd_base PkgConfig::jansson PkgConfig::ldap PkgConfig::gssapi resolv Threads::Threads)
