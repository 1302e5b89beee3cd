// The parameters of one request, from its query and its body (form or flat JSON), read strictly:
// nothing twice, nothing unknown, nothing that is not as it should be. The first thing that is
// wrong is kept; what is read after it is of no use.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/domain/phone_number.hpp"
#include "core/domain/time.hpp"
#include "core/ports/http_message.hpp"

namespace ringback::exchange {

struct Complaint {
  std::string_view code;  // "unknown_parameter", "invalid_parameter", "invalid_number"
  std::string message;
};

class Parameters {
 public:
  explicit Parameters(const HttpRequest& request);

  std::string text(std::string_view name, std::size_t most, bool required = true);
  PhoneNumber number(std::string_view name, bool required = true);
  int whole(std::string_view name, int least, int most, int otherwise);
  TimePoint instant(std::string_view name, TimePoint otherwise);  // ms since 1970

  // To be asked last: what was not read is unknown.
  const std::optional<Complaint>& complaint();

 private:
  void add(std::string name, std::string value);
  void read_json(std::string_view body);
  std::optional<std::string> take(std::string_view name);
  void complain(std::string_view code, std::string message);

  std::map<std::string, std::string, std::less<>> values_;
  std::optional<Complaint> complaint_;
};

bool is_utf8(std::string_view text);

}  // namespace ringback::exchange
