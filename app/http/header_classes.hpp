// The fixed headers of each kind of answer. A handler that sets one of these itself wins.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ringback::http {

enum class HeaderClass {
  json,          // dashboard API, health, everything else that is data
  visitor_json,  // the visitor API: may be read by the pages that embed the form
  page,          // public pages: /, /c/{site}, /privacy ...
  admin_page,    // the dashboard's documents
  asset,         // scripts, styles and pictures of our own pages
  script,        // the widget: loaded by foreign pages
  download,      // CSV, recordings
};

class HeaderClasses {
 public:
  // HSTS is sent only when the public address is https.
  explicit HeaderClasses(bool https);

  // Appends the class's lines, except those that the answer has itself.
  void append(HeaderClass which, const std::vector<std::pair<std::string, std::string>>& own,
              std::string& out) const;

 private:
  struct Block {
    std::vector<std::pair<std::string_view, std::string_view>> lines;
    std::string text;
  };
  std::array<Block, 7> blocks_;
};

}  // namespace ringback::http
