# manual.cmake - pages whose settings come from the rows that the parsers use: scimd.yaml(5) and
# scimd-source(5).
#
#   cmake -D GENERATOR=program -D INPUT=page.in -D OUTPUT=page -P manual.cmake
if(CMAKE_SCRIPT_MODE_FILE)
  execute_process(COMMAND "${GENERATOR}" OUTPUT_VARIABLE SETTINGS OUTPUT_STRIP_TRAILING_WHITESPACE
                  COMMAND_ERROR_IS_FATAL ANY)
  configure_file("${INPUT}" "${OUTPUT}" @ONLY)
  return()
endif()

# docs/man/PAGE.in with what docs/man/GENERATOR.c, linked with ROOM, prints for @SETTINGS@.
set(SCIMD_MANUAL "")
function(scimd_manual_page page generator room)
  set(output "${CMAKE_BINARY_DIR}/man/${page}")
  add_executable(scimd_manual_${generator} docs/man/${generator}.c)
  target_link_libraries(scimd_manual_${generator} PRIVATE scimd_warnings scimd_${room})
  add_custom_command(
    OUTPUT "${output}"
    COMMAND
      ${CMAKE_COMMAND} -D "GENERATOR=$<TARGET_FILE:scimd_manual_${generator}>" -D
      "INPUT=${CMAKE_SOURCE_DIR}/docs/man/${page}.in" -D "OUTPUT=${output}" -P
      "${CMAKE_SOURCE_DIR}/cmake/manual.cmake"
    DEPENDS scimd_manual_${generator} docs/man/${page}.in cmake/manual.cmake
    COMMENT "Writing ${page}"
    VERBATIM)
  set(SCIMD_MANUAL ${SCIMD_MANUAL} "${output}" PARENT_SCOPE)
endfunction()

scimd_manual_page(scimd.yaml.5 settings config)
scimd_manual_page(scimd-source.5 source_settings connectors)
add_custom_target(manual ALL DEPENDS ${SCIMD_MANUAL})
