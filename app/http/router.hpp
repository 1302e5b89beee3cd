// Routes as a table: method, pattern, handler, options. A known path with another method is told
// apart from an unknown path; GET routes answer HEAD too.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "app/http/cors.hpp"
#include "app/http/header_classes.hpp"
#include "app/http/message.hpp"

namespace ringback::http {

using AsyncHandler = std::function<boost::asio::awaitable<Response>(Request&)>;
using SyncHandler = std::function<Response(Request&)>;
// A Response as handler is a constant: its bytes are made once, at start.
using Handler = std::variant<AsyncHandler, SyncHandler, Response>;

struct RouteOptions {
  std::size_t body_limit = 0;  // 0: the server's
  Cors cors = Cors::none;
  HeaderClass headers = HeaderClass::json;
  bool limit_free = false;  // not asked for admission: health checks, carriers' webhooks
};

struct Route {
  std::string method;
  std::string pattern;  // "/callbacks/{id}/events"; "/admin/{rest...}" takes all that follows
  Handler handler;
  RouteOptions options;
  std::string constant_head;  // made by the server: the bytes of a constant up to the request id
};

class Router {
 public:
  // Throws std::logic_error if the pattern is not valid or the route is there already.
  void add(Route route);
  void add(std::string method, std::string pattern, Handler handler, RouteOptions options = {});

  struct Match {
    const Route* route = nullptr;
    bool path_known = false;
    std::string_view allow;  // "GET, HEAD, OPTIONS" where the path is known
    const Route* any = nullptr;  // a route of that path, for its CORS class
  };
  // params is cleared and filled; its views point into path and into the router.
  Match match(std::string_view method, std::string_view path, std::vector<Param>& params) const;

  void for_each(const std::function<void(Route&)>& visit);

 private:
  struct Path {
    std::vector<std::string> segments;  // "{id}" for one, "{rest...}" for the rest
    std::vector<std::unique_ptr<Route>> routes;
    std::string allow;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  static Match choose(const Path& path, std::string_view method);

  std::unordered_map<std::string, Path, TextHash, std::equal_to<>> plain_;
  std::vector<Path> patterns_;  // in the order they were added
};

}  // namespace ringback::http
