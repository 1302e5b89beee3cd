# ringback_embed(<target> DIR <folder> NAME <symbol> [DEPENDS <files>]): every file of a folder
# becomes part of the program. The target offers the header "embedded/<symbol>.hpp":
#   namespace ringback { std::span<const http::Asset> <symbol>(); }
# The folder is read while building, so it may be made by the build itself: name a stamp of that in
# DEPENDS.
function(ringback_embed target)
  cmake_parse_arguments(ARG "" "DIR;NAME" "DEPENDS" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${target}/embedded/${ARG_NAME})
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${ARG_DIR}/*)
  set(script ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake)
  add_custom_command(
    OUTPUT ${out}.S ${out}.cpp ${out}.hpp
    COMMAND ${CMAKE_COMMAND} -DDIR=${ARG_DIR} -DOUT=${out} -DNAME=${ARG_NAME} -P ${script}
    DEPENDS ${files} ${ARG_DEPENDS} ${script}
    COMMENT "Embedding ${ARG_DIR}"
    VERBATIM)
  # The assembler reads the files itself: it must run again when they change.
  set_source_files_properties(${out}.S PROPERTIES OBJECT_DEPENDS "${files}" LANGUAGE ASM)
  add_library(${target} STATIC ${out}.S ${out}.cpp ${out}.hpp)
  target_include_directories(${target} PUBLIC ${CMAKE_CURRENT_BINARY_DIR}/${target})
  target_link_libraries(${target} PUBLIC ringback::http)
  add_library(ringback::${target} ALIAS ${target})
endfunction()
