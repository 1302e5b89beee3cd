# ringback_library(<name> DIR <folder> [RECURSE | FILES <names>] LINKS <targets>): one layer or one
# adapter, made of every .cpp in its folder, or of the named ones. Includes are written from the repository's root
# ("core/domain/machine.hpp"), so a file's layer can be read in each line.
function(ringback_library name)
  cmake_parse_arguments(ARG "RECURSE" "DIR" "FILES;LINKS" ${ARGN})
  if(ARG_FILES)
    list(TRANSFORM ARG_FILES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_DIR}/ OUTPUT_VARIABLE sources)
  elseif(ARG_RECURSE)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_DIR}/*.cpp)
  else()
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_DIR}/*.cpp)
  endif()
  if(sources)
    add_library(${name} STATIC ${sources})
    set(kind PUBLIC)
    target_compile_options(${name} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
  else()
    add_library(${name} INTERFACE)
    set(kind INTERFACE)
  endif()
  add_library(ringback::${name} ALIAS ${name})
  target_include_directories(${name} ${kind} ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} ${kind} ${ARG_LINKS})
endfunction()

# ringback_test(<name> DIR <folder> LINKS <targets>): one Catch2 program of all <folder>/*_test.cpp
# (and helpers beside them); each test case is a ctest of its own.
function(ringback_test name)
  cmake_parse_arguments(ARG "" "DIR" "LINKS;LABELS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_DIR}/*.cpp
       ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_DIR}/support/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} Catch2::Catch2WithMain)
  target_compile_options(${name} PRIVATE -Wall -Wextra)
  if(NOT "slow" IN_LIST ARG_LABELS)
    add_dependencies(fast_tests ${name})  # these run under the sanitizers, too
  endif()
  catch_discover_tests(${name} TEST_PREFIX "${name}: " PROPERTIES LABELS "${ARG_LABELS}")
endfunction()
