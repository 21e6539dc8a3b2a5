# manual.cmake - scimd.yaml(5) gets its settings from the rows that the parser uses.
#
#   cmake -D GENERATOR=program -D INPUT=page.in -D OUTPUT=page -P manual.cmake
if(CMAKE_SCRIPT_MODE_FILE)
  execute_process(COMMAND "${GENERATOR}" OUTPUT_VARIABLE SETTINGS OUTPUT_STRIP_TRAILING_WHITESPACE
                  COMMAND_ERROR_IS_FATAL ANY)
  configure_file("${INPUT}" "${OUTPUT}" @ONLY)
  return()
endif()

add_executable(scimd_manual_settings docs/man/settings.c)
target_link_libraries(scimd_manual_settings PRIVATE scimd_warnings scimd_config)
set(SCIMD_MANUAL "${CMAKE_BINARY_DIR}/man/scimd.yaml.5")
add_custom_command(
  OUTPUT "${SCIMD_MANUAL}"
  COMMAND
    ${CMAKE_COMMAND} -D "GENERATOR=$<TARGET_FILE:scimd_manual_settings>" -D
    "INPUT=${CMAKE_SOURCE_DIR}/docs/man/scimd.yaml.5.in" -D "OUTPUT=${SCIMD_MANUAL}" -P
    "${CMAKE_SOURCE_DIR}/cmake/manual.cmake"
  DEPENDS scimd_manual_settings docs/man/scimd.yaml.5.in cmake/manual.cmake
  COMMENT "Writing scimd.yaml(5)"
  VERBATIM)
add_custom_target(manual ALL DEPENDS "${SCIMD_MANUAL}")
