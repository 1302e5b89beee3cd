# ringback_embed_migrations(<target> <folder>): the numbered SQL files of a folder, with their
# checksums, as built_in_migrations().
function(ringback_embed_migrations target folder)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.sql)
  list(SORT files)
  set(entries "")
  foreach(file ${files})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(stem ${file} NAME_WE)
    string(REGEX REPLACE "^0*([0-9]+)_(.*)$" "\\1" number ${stem})
    string(REGEX REPLACE "^[0-9]+_(.*)$" "\\1" name ${stem})
    file(SHA256 ${file} checksum)
    file(READ ${file} sql)
    string(APPEND entries
      "    Migration{${number}, \"${name}\", \"${checksum}\", R\"sql(${sql})sql\"},\n")
  endforeach()
  set(made ${CMAKE_CURRENT_BINARY_DIR}/${target}_migrations.cpp)
  file(CONFIGURE OUTPUT ${made} @ONLY CONTENT [[// Made from migrations/*.sql.
#include <array>

#include "adapters/storage/sqlite/migrations.hpp"

namespace ringback::sqlite {
namespace {
constexpr std::array kBuiltIn = {
@entries@};
}  // namespace
std::span<const Migration> built_in_migrations() { return kBuiltIn; }
}  // namespace ringback::sqlite
]])
  target_sources(${target} PRIVATE ${made})
endfunction()
