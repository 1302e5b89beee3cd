#include "app/http/router.hpp"

#include <algorithm>
#include <stdexcept>

namespace ringback::http {
namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

bool is_param(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool is_rest(std::string_view segment) { return is_param(segment) && segment.ends_with("...}"); }

std::string_view name_of(std::string_view segment) {
  return is_rest(segment) ? segment.substr(1, segment.size() - 5)
                          : segment.substr(1, segment.size() - 2);
}

bool matches(const std::vector<std::string>& segments, std::string_view path,
             std::vector<Param>& params) {
  params.clear();
  for (const std::string_view segment : segments) {
    if (!path.starts_with('/')) return false;
    path.remove_prefix(1);
    if (is_rest(segment)) {
      params.push_back({name_of(segment), path});
      return true;
    }
    const auto end = std::min(path.find('/'), path.size());
    const auto part = path.substr(0, end);
    path.remove_prefix(end);
    if (is_param(segment)) {
      if (part.empty()) return false;
      params.push_back({name_of(segment), part});
    } else if (part != segment) {
      return false;
    }
  }
  return path.empty();
}

}  // namespace

void Router::add(std::string method, std::string pattern, Handler handler, RouteOptions options) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.handler = std::move(handler);
  route.options = options;
  add(std::move(route));
}

void Router::add(Route route) {
  if (!route.pattern.starts_with('/'))
    throw std::logic_error("a route's pattern begins with /: " + route.pattern);
  auto segments = split(route.pattern);
  Path* path = nullptr;
  if (std::none_of(segments.begin(), segments.end(), is_param)) {
    path = &plain_[route.pattern];
  } else {
    const auto known = std::find_if(patterns_.begin(), patterns_.end(), [&](const Path& candidate) {
      return candidate.segments == segments;
    });
    path = known != patterns_.end() ? &*known : &patterns_.emplace_back();
    path->segments = std::move(segments);
  }
  for (const auto& other : path->routes)
    if (other->method == route.method)
      throw std::logic_error("a route is there twice: " + route.method + " " + route.pattern);
  path->routes.push_back(std::make_unique<Route>(std::move(route)));

  path->allow.clear();
  for (const auto& known : path->routes) {
    path->allow += known->method + ", ";
    if (known->method == "GET") path->allow += "HEAD, ";
  }
  path->allow += "OPTIONS";
}

Router::Match Router::choose(const Path& path, std::string_view method) {
  Match match;
  match.path_known = true;
  match.allow = path.allow;
  match.any = path.routes.front().get();
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const auto& route : path.routes)
    if (route->method == wanted) match.route = route.get();
  return match;
}

Router::Match Router::match(std::string_view method, std::string_view path,
                            std::vector<Param>& params) const {
  params.clear();
  if (const auto plain = plain_.find(path); plain != plain_.end())
    return choose(plain->second, method);
  Match known;
  for (const auto& candidate : patterns_) {
    if (!matches(candidate.segments, path, params)) continue;
    auto match = choose(candidate, method);
    if (match.route != nullptr) return match;
    if (!known.path_known) known = match;
  }
  params.clear();
  return known;
}

void Router::for_each(const std::function<void(Route&)>& visit) {
  for (auto& [text, path] : plain_)
    for (auto& route : path.routes) visit(*route);
  for (auto& path : patterns_)
    for (auto& route : path.routes) visit(*route);
}

}  // namespace ringback::http
