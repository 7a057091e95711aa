# What every target of this tree shares: language, warnings, sanitizers, ccache, and two helpers.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(POSTERN_CCACHE ccache)
if(POSTERN_CCACHE)
  # A precompiled header is cached too when ccache may ignore its time stamp; build folders share what is the same.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${POSTERN_CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion)
# g++ 12 warns of overlapping copies inside std::string's operator+ that are not there (GCC bug 105651).
add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(POSTERN_WERROR)
  add_compile_options(-Werror)
endif()
option(POSTERN_PCH "Precompile the standard headers: faster from nothing, but build folders share less through ccache" OFF)
if(POSTERN_PCH AND POSTERN_CCACHE)
  add_compile_options(-fpch-preprocess)
endif()
if(POSTERN_SANITIZE)
  add_compile_options(-fsanitize=${POSTERN_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${POSTERN_SANITIZE})
endif()

# The headers nearly every file wants, in front of each file of a target.
function(postern_common_headers target header)
  if(POSTERN_PCH)
    target_precompile_headers(${target} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/${header})
  else()
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:SHELL:-include ${CMAKE_SOURCE_DIR}/cmake/${header}>)
  endif()
endfunction()

# postern_room(http LIBS ... ) makes the static library postern_http out of every .cpp in this folder.
# A room links what it needs; a third-party library is linked PRIVATE by its one room.
function(postern_room name)
  cmake_parse_arguments(ARG "" "" "LIBS;PRIVATE_LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT sources)  # an empty_room: nothing is written yet
    set(sources ${CMAKE_CURRENT_BINARY_DIR}/empty_room.cpp)
    file(CONFIGURE OUTPUT ${sources} CONTENT "")
  endif()
  add_library(postern_${name} STATIC ${sources})
  target_include_directories(postern_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(postern_${name} PUBLIC postern_sdk ${ARG_LIBS} PRIVATE ${ARG_PRIVATE_LIBS})
  postern_common_headers(postern_${name} pch.hpp)
endfunction()

# postern_unit_test(http LIBS ...) makes the test program unit_http out of every .cpp in this folder.
function(postern_unit_test name)
  cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(unit_${name} ${sources})
  target_link_libraries(unit_${name} PRIVATE ${ARG_LIBS} GTest::gtest GTest::gmock GTest::gtest_main)
  target_include_directories(unit_${name} PRIVATE ${CMAKE_SOURCE_DIR})
  postern_common_headers(unit_${name} pch_test.hpp)
  add_test(NAME unit_${name} COMMAND unit_${name})
  set_tests_properties(unit_${name} PROPERTIES LABELS unit TIMEOUT 900)
endfunction()
