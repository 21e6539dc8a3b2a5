# rooms.cmake - a room is a folder below scimd/ and a static library of all its C files.

# The text of schemas/ as C, linked into base.
set(SCIMD_EMBEDDED "${CMAKE_BINARY_DIR}/generated/embedded.c")
file(GLOB scimd_embedded_inputs CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/schemas/scim/*.json"
     "${CMAKE_SOURCE_DIR}/schemas/mapping/*.yaml"
     "${CMAKE_SOURCE_DIR}/schemas/sql/*/*.sql")
add_custom_command(
  OUTPUT "${SCIMD_EMBEDDED}"
  COMMAND
    ${CMAKE_COMMAND} -D "OUTPUT=${SCIMD_EMBEDDED}" -D
    "GROUPS=embedded_schemas=${CMAKE_SOURCE_DIR}/schemas/scim/*.json|embedded_mapping=${CMAKE_SOURCE_DIR}/schemas/mapping/*.yaml|embedded_sql_sqlite=${CMAKE_SOURCE_DIR}/schemas/sql/sqlite/*.sql|embedded_sql_postgresql=${CMAKE_SOURCE_DIR}/schemas/sql/postgresql/*.sql"
    -P "${CMAKE_SOURCE_DIR}/cmake/embed.cmake"
  DEPENDS ${scimd_embedded_inputs} "${CMAKE_SOURCE_DIR}/cmake/embed.cmake"
  COMMENT "Embedding schemas"
  VERBATIM)

function(scimd_room name)
  cmake_parse_arguments(room "" "" "USES;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/scimd/${name}/*.c")
  list(FILTER sources EXCLUDE REGEX "/main\\.c$")
  if(NOT sources)
    set(sources "${CMAKE_BINARY_DIR}/generated/empty.c")
    file(WRITE "${sources}" "typedef int scimd_empty_room;\n")
  endif()
  add_library(scimd_${name} STATIC ${sources})
  target_include_directories(scimd_${name} PUBLIC "${CMAKE_SOURCE_DIR}/scimd")
  target_link_libraries(scimd_${name} PRIVATE scimd_warnings)
  list(TRANSFORM room_USES PREPEND scimd_)
  target_link_libraries(scimd_${name} PUBLIC ${room_USES} ${room_LIBRARIES} Threads::Threads)
endfunction()

function(scimd_program name main)
  cmake_parse_arguments(program "" "" "USES;LIBRARIES" ${ARGN})
  if(NOT EXISTS "${CMAKE_SOURCE_DIR}/${main}")
    return()
  endif()
  add_executable(${name} ${main})
  list(TRANSFORM program_USES PREPEND scimd_)
  target_link_libraries(${name} PRIVATE scimd_warnings ${program_USES} ${program_LIBRARIES})
endfunction()
