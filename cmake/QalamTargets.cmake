# One library per room, one test program per room: sources are listed, dependencies are named.

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE}")
  # Needed for precompiled headers: their times and definitions are not looked at, their contents are.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros "${CCACHE}")
endif()

# Some of our libraries' flags have it; a precompiled header fits only those that agree.
add_compile_options(-pthread)

# Flags every target shares. Sanitizers must reach all of them, so they are set on the directory.
if(QALAM_SANITIZE)
  add_compile_options("-fsanitize=${QALAM_SANITIZE}" -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options("-fsanitize=${QALAM_SANITIZE}")
  if(QALAM_SANITIZE STREQUAL thread)
    add_compile_options(-Wno-tsan) # Boost.Asio's fences, which the sanitizer ignores, stand beside locks it sees
  endif()
endif()

add_library(qalam_options INTERFACE)
target_include_directories(qalam_options INTERFACE "$<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>")
# Only while building: who uses the installed package chooses his own.
set(qalam_warnings -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough
                   # GCC 12 sees ghosts in std::string (bug 105651) and std::optional (80635).
                   "$<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-stringop-overflow;-Wno-array-bounds;-Wno-maybe-uninitialized>"
                   -Wno-missing-field-initializers # designated initialisers leave defaults out
                   $<$<BOOL:${QALAM_WERROR}>:-Werror>)
target_compile_options(qalam_options INTERFACE "$<BUILD_INTERFACE:${qalam_warnings}>")

# Where nothing is optimised fmt turns that on for its own code, and with GCC that leaks out of a precompiled header.
string(TOUPPER "${CMAKE_BUILD_TYPE}" qalam_config)
if(NOT "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${qalam_config}}" MATCHES "-O[123gs]")
  set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
endif()

# qalam_prefix(name HEADER h DEPS libs...): a precompiled header that targets with the same flags share.
function(qalam_prefix name)
  cmake_parse_arguments(ARG "" "HEADER" "DEPS" ${ARGN})
  file(WRITE "${CMAKE_BINARY_DIR}/prefix/${name}.cc" "")
  add_library(${name} OBJECT "${CMAKE_BINARY_DIR}/prefix/${name}.cc")
  target_link_libraries(${name} PRIVATE qalam_options ${ARG_DEPS})
  target_precompile_headers(${name} PRIVATE "${CMAKE_SOURCE_DIR}/prefix/${ARG_HEADER}")
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>) # for ccache
endfunction()
qalam_prefix(qalam_prefix HEADER common.h DEPS absl::statusor absl::time fmt::fmt)

# qalam_library(name SOURCES a.cc ... [PUBLIC deps...] [PRIVATE deps...])
function(qalam_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_precompile_headers(${name} REUSE_FROM qalam_prefix)
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  target_link_libraries(${name} PUBLIC qalam_options ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
endfunction()

# The code under test is optimised, the tests need not be: they take half the time to compile.
function(qalam_test_flags target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1> $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  if(QALAM_SANITIZE)
    target_compile_options(${target} PRIVATE -Og)
  endif()
endfunction()

# qalam_test(name SOURCES a_test.cc ... DEPS libs... [LABELS slow ...])
# One ctest entry per test case, so that they run side by side and fail by name.
function(qalam_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE qalam_options ${ARG_DEPS} fmt::fmt GTest::gmock_main)
  qalam_test_flags(${name})
  target_precompile_headers(${name} REUSE_FROM qalam_test_prefix)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300 LABELS "${ARG_LABELS}")
endfunction()
include(GoogleTest)

# qalam_fuzzer(name SOURCES fuzz_x.cc DEPS libs...): a libFuzzer program, built only in the fuzz preset.
function(qalam_fuzzer name)
  if(NOT QALAM_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE qalam_options ${ARG_DEPS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
endfunction()
