#include "app/api/pages_api.hpp"

#include <string>

namespace ringback {
namespace {

using http::HeaderClass;
using http::Request;

struct Page {
  const char* route;
  const char* file;
  HeaderClass headers;
};

constexpr Page kPages[] = {
    {"/privacy", "privacy.html", HeaderClass::page},
    {"/terms", "terms.html", HeaderClass::page},
    {"/docs/api", "docs/api.html", HeaderClass::page},
    {"/docs/openapi.yaml", "docs/openapi.yaml", HeaderClass::asset},
    {"/favicon.svg", "favicon.svg", HeaderClass::asset},
    {"/w/ringback.js", "w/ringback.js", HeaderClass::script},
};

void add_page(http::Router& router, const http::StaticFiles& files, const Page& page) {
  router.add("GET", page.route,
             http::SyncHandler([&files, file = std::string(page.file)](Request& request) {
               return files.serve(request, file);
             }),
             {.headers = page.headers});
}

}  // namespace

void add_page_routes(http::Router& router, const http::StaticFiles& files, bool with_simulator) {
  for (const Page& page : kPages) add_page(router, files, page);
  add_page(router, files,
           {"/", with_simulator ? "index.html" : "index.production.html", HeaderClass::page});
  router.add("GET", "/assets/{name}", http::SyncHandler([&files](Request& request) {
               return files.serve(request, "assets/" + std::string(request.param("name")));
             }),
             {.headers = HeaderClass::asset});
  router.add("GET", "/docs/problems/{code}", http::SyncHandler([&files](Request& request) {
               return files.serve(request,
                                  "docs/problems/" + std::string(request.param("code")) + ".html");
             }),
             {.headers = HeaderClass::page});
  if (!with_simulator) return;
  add_page(router, files, {"/simulator/", "simulator/index.html", HeaderClass::page});
  router.add("GET", "/simulator", http::SyncHandler([](Request&) {
               return http::redirect_response("/simulator/", 308);
             }));
}

}  // namespace ringback
