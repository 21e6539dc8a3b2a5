# options.cmake - language, warnings, hardening; the presets choose among these.
option(SCIMD_TESTS "Build the tests" ON)
option(SCIMD_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
option(SCIMD_WERROR "Warnings are errors" OFF)
option(SCIMD_HARDEN "Release hardening" OFF)
set(SCIMD_SANITIZE "" CACHE STRING "Value of -fsanitize=")

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_compile_definitions(_DEFAULT_SOURCE SCIMD_VERSION="${PROJECT_VERSION}")

add_library(scimd_warnings INTERFACE)
target_compile_options(
  scimd_warnings
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
            -Wformat=2 -Wvla -Wundef -Wcast-qual -Wwrite-strings -Wpointer-arith -Wnull-dereference
            -Wswitch-enum $<$<BOOL:${SCIMD_WERROR}>:-Werror>)

if(SCIMD_SANITIZE)
  add_compile_options(-fsanitize=${SCIMD_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SCIMD_SANITIZE})
endif()

if(SCIMD_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link) # coverage of the rooms; the targets link libFuzzer
endif()

if(SCIMD_HARDEN)
  include(CheckIPOSupported)
  check_ipo_supported()
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
                      -fstack-clash-protection)
  add_link_options(-pie -Wl,-z,relro -Wl,-z,now)
endif()
