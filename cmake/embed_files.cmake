# Run by ringback_embed: writes OUT.S (the bytes), OUT.cpp (the table) and OUT.hpp.
set(types
  html "text/html; charset=utf-8" css "text/css; charset=utf-8"
  js "text/javascript; charset=utf-8" mjs "text/javascript; charset=utf-8"
  json "application/json; charset=utf-8" map "application/json; charset=utf-8"
  svg "image/svg+xml" png "image/png" ico "image/x-icon" webp "image/webp" woff2 "font/woff2"
  txt "text/plain; charset=utf-8" wav "audio/wav" mp3 "audio/mpeg" wasm "application/wasm"
  yaml "application/yaml; charset=utf-8" webmanifest "application/manifest+json")

file(GLOB_RECURSE files RELATIVE ${DIR} ${DIR}/*)
list(SORT files)
set(bytes ".section .rodata\n")
set(rows "")
set(symbols "")
set(number 0)
foreach(file IN LISTS files)
  string(REGEX MATCH "[^.]*$" extension "${file}")
  set(type "application/octet-stream")
  list(FIND types "${extension}" at)
  if(at GREATER -1)
    math(EXPR at "${at} + 1")
    list(GET types ${at} type)
  endif()
  file(SHA256 ${DIR}/${file} hash)
  string(SUBSTRING ${hash} 0 32 hash)
  # app-4f9c2a1b.js, app.4f9c2a1b.css: the name changes with the content.
  if(file MATCHES "[.-]([0-9A-Za-z_]+)\\.[a-z0-9]+$" AND CMAKE_MATCH_1 MATCHES "[0-9]" AND
     CMAKE_MATCH_1 MATCHES "^........+$")
    set(immutable true)
  else()
    set(immutable false)
  endif()
  set(symbol "${NAME}_file_${number}")
  string(APPEND bytes
    ".global ${symbol}\n.global ${symbol}_end\n${symbol}:\n.incbin \"${DIR}/${file}\"\n${symbol}_end:\n.byte 0\n")
  string(APPEND symbols "extern const char ${symbol}[];\nextern const char ${symbol}_end[];\n")
  string(APPEND rows
    "      {\"${file}\", \"${type}\", {${symbol}, std::size_t(${symbol}_end - ${symbol})}, \"\\\"${hash}\\\"\", ${immutable}},\n")
  math(EXPR number "${number} + 1")
endforeach()
string(APPEND bytes ".section .note.GNU-stack,\"\",%progbits\n")
file(WRITE ${OUT}.S "${bytes}")
file(WRITE ${OUT}.hpp
"#pragma once
#include <span>
#include \"app/http/static_files.hpp\"
namespace ringback {
std::span<const http::Asset> ${NAME}();
}
")
file(WRITE ${OUT}.cpp
"#include \"embedded/${NAME}.hpp\"
#include <vector>
extern \"C\" {
${symbols}}
namespace ringback {
std::span<const http::Asset> ${NAME}() {
  static const std::vector<http::Asset> assets{
${rows}  };
  return assets;
}
}
")
