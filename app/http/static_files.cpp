#include "app/http/static_files.hpp"

#include "app/http/text.hpp"

namespace ringback::http {
namespace {

constexpr std::string_view kForever = "public, max-age=31536000, immutable";

// If-None-Match: "*" or a list of tags, compared weakly.
bool is_known(std::string_view list, std::string_view etag) {
  if (trimmed(list) == "*") return true;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    auto tag = trimmed(list.substr(0, comma));
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == etag) return true;
    list = list.substr(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

StaticFiles::StaticFiles(std::span<const Asset> assets) {
  for (const auto& asset : assets) assets_.emplace(asset.path, &asset);
}

const Asset* StaticFiles::find(std::string_view path) const {
  const auto found = assets_.find(path);
  return found == assets_.end() ? nullptr : found->second;
}

Response StaticFiles::serve(const Request& request, std::string_view path) const {
  if (const auto* asset = find(path)) return serve(request, *asset);
  return problem(ProblemCode::not_found,
                 "There is nothing at this address. Check it. Nothing was done.");
}

Response StaticFiles::serve(const Request& request, const Asset& asset) {
  Response response;
  response.set("ETag", asset.etag);
  if (asset.immutable) response.set("Cache-Control", kForever);
  if (is_known(request.header("if-none-match"), asset.etag)) {
    response.status = 304;
    return response;
  }
  response.content_type = asset.content_type;
  response.static_body = asset.body;
  return response;
}

}  // namespace ringback::http
