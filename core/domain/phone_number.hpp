// A telephone number in E.164 form: '+', then 7 to 15 digits, the first of them not zero.
//
// The type proves the shape, not that the number exists: NumberingPlan (a port) answers that.
// A number is personal data, so it prints itself masked; only e164() shows all of it.
#pragma once

#include <fmt/format.h>

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace ringback {

class PhoneNumber {
 public:
  PhoneNumber() = default;  // empty: no number
  static std::optional<PhoneNumber> from_e164(std::string_view text);

  const std::string& e164() const noexcept { return e164_; }
  bool empty() const noexcept { return e164_.empty(); }
  std::string masked() const;  // "+1202•••0123": the first four digits and the last four

  friend auto operator<=>(const PhoneNumber&, const PhoneNumber&) = default;

 private:
  explicit PhoneNumber(std::string e164) : e164_(std::move(e164)) {}
  std::string e164_;
};

}  // namespace ringback

template <>
struct fmt::formatter<ringback::PhoneNumber> : fmt::formatter<std::string_view> {
  auto format(const ringback::PhoneNumber& number, fmt::format_context& out) const {
    return fmt::formatter<std::string_view>::format(number.masked(), out);
  }
};
