# smbmounter_test(NAME LABEL source... LIBS library...): a Criterion program, one ctest each.
function(smbmounter_test name label)
  cmake_parse_arguments(T "" "" "LIBS" ${ARGN})
  add_executable(${name} ${T_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${T_LIBS} PkgConfig::CRITERION)
  # Criterion's own macros do not pass these.
  target_compile_options(${name} PRIVATE -Wno-pedantic -Wno-conversion -Wno-missing-prototypes
                                         -Wno-switch-enum)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT 120)
endfunction()

# smbmounter_failing(NAME): its calls into the C library can be made to fail (tests/unit/fail.h).
function(smbmounter_failing name)
  target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit/fail.c)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit)
  foreach(call
          malloc calloc realloc strdup strndup read write pread pwrite lseek fstat stat lstat
          fstatat access readlink readlinkat ftruncate fsync fchmod fchown fchownat mkdirat renameat
          unlinkat unlink chmod chown opendir fdopendir readdir flock mmap mlock madvise
          memfd_create pipe2 socketpair socket bind listen accept connect send recv getsockopt
          setsockopt poll dup getrlimit setrlimit fork getrandom open openat syscall fcntl)
    target_link_options(${name} PRIVATE -Wl,--wrap=${call})
  endforeach()
endfunction()
