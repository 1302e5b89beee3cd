// Files that are part of the program. Names with a content hash are immutable; everything else is
// asked for again each time and answered with 304 while it is the same.
#pragma once

#include <span>
#include <string_view>
#include <unordered_map>

#include "app/http/message.hpp"
#include "app/http/router.hpp"

namespace ringback::http {

struct Asset {
  std::string_view path;  // below the embedded folder: "admin/index.html"
  std::string_view content_type;
  std::string_view body;
  std::string_view etag;  // with its quotes
  bool immutable = false;
};

class StaticFiles {
 public:
  // The table must outlive the server.
  explicit StaticFiles(std::span<const Asset> assets);

  const Asset* find(std::string_view path) const;  // or null

  // 200, 304, or 404 if there is no such file.
  Response serve(const Request& request, std::string_view path) const;
  static Response serve(const Request& request, const Asset& asset);

 private:
  std::unordered_map<std::string_view, const Asset*> assets_;
};

}  // namespace ringback::http
