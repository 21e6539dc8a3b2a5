# embed.cmake - writes a C file that holds the text of files as arrays.
#
#   cmake -D OUTPUT=file.c -D GROUPS="symbol=folder/glob|symbol=folder/glob" -P embed.cmake
#
# Rows are sorted by name, so that migrations come in order and builds are reproducible.
set(text "#include \"base/embedded.h\"\n\n")
string(REPLACE "|" ";" GROUPS "${GROUPS}") # a semicolon would not survive the command line
foreach(group IN LISTS GROUPS)
  string(REGEX MATCH "^([a-z_]+)=(.*)$" _ "${group}")
  set(symbol "${CMAKE_MATCH_1}")
  file(GLOB files "${CMAKE_MATCH_2}")
  list(SORT files)
  set(rows "")
  set(index 0)
  foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME)
    file(READ "${file}" hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(LENGTH "${hex}" digits)
    math(EXPR length "${digits} / 2")
    string(APPEND text "static const char ${symbol}_${index}[] = {${bytes}0};\n")
    string(APPEND rows "    {\"${name}\", ${symbol}_${index}, ${length}},\n")
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND text "const struct embedded_file ${symbol}[] = {\n${rows}    {0, 0, 0},\n};\n\n")
endforeach()
file(WRITE "${OUTPUT}" "${text}")
