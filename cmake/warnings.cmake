# Warnings are errors with gcc and clang alike.
add_compile_options(
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch-enum -Wstrict-prototypes
  -Wmissing-prototypes -Wformat=2 -Werror=format-security -Wundef -Wwrite-strings -Wvla -Werror)
if(NOT APPLE)
  add_compile_definitions(_GNU_SOURCE)
endif()
