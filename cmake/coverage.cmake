# The coverage build (cmake --preset coverage, tests/coverage/run): gcc counts every branch.
option(SMBMOUNTER_COVERAGE "Count what the tests reach (gcc)" OFF)
if(SMBMOUNTER_COVERAGE)
  # assert is for our own bugs: a branch that no test can take.
  add_compile_options(--coverage -fprofile-abs-path -fprofile-update=atomic -O0 -DNDEBUG
                      -DSMBMOUNTER_COVERAGE)
  add_link_options(--coverage)
  add_library(coverage_flush STATIC ${PROJECT_SOURCE_DIR}/tests/coverage/flush.c
                                     ${PROJECT_SOURCE_DIR}/tests/coverage/flush_host.c)
  target_compile_options(coverage_flush PRIVATE -fno-profile-arcs -fno-test-coverage)
  target_link_options(coverage_flush INTERFACE -Wl,--wrap=_exit,--wrap=write)
  link_libraries(coverage_flush)
endif()
