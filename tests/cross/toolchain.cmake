# macOS from Linux: clang and headers of zig, frameworks as text stubs. One run for each ARCH.
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_PROCESSOR $ENV{CROSS_ARCH})
set(CMAKE_C_COMPILER ${CMAKE_CURRENT_LIST_DIR}/zigcc)
set(CMAKE_AR ${CMAKE_CURRENT_LIST_DIR}/zigar CACHE FILEPATH "")
set(CMAKE_RANLIB ${CMAKE_CURRENT_LIST_DIR}/zigranlib CACHE FILEPATH "")
find_program(INSTALL_NAME_TOOL NAMES llvm-install-name-tool llvm-install-name-tool-14
  llvm-install-name-tool-15 llvm-install-name-tool-16 llvm-install-name-tool-17
  llvm-install-name-tool-18 llvm-install-name-tool-19)
set(CMAKE_INSTALL_NAME_TOOL ${INSTALL_NAME_TOOL} CACHE FILEPATH "")
set(CMAKE_OSX_SYSROOT "" CACHE PATH "")
set(CMAKE_OSX_ARCHITECTURES "" CACHE STRING "")
set(CMAKE_OSX_DEPLOYMENT_TARGET "" CACHE STRING "")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
