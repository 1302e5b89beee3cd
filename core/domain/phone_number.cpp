#include "core/domain/phone_number.hpp"

#include <algorithm>

namespace ringback {

std::optional<PhoneNumber> PhoneNumber::from_e164(std::string_view text) {
  if (text.size() < 8 || text.size() > 16 || text[0] != '+' || text[1] == '0') return std::nullopt;
  const auto digits = text.substr(1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
  return PhoneNumber(std::string(text));
}

std::string PhoneNumber::masked() const {
  if (empty()) return "";
  // A short number would be given away by four digits at either end.
  const std::size_t head = e164_.size() >= 11 ? 5 : 3;
  const std::size_t tail = e164_.size() >= 11 ? 4 : 2;
  return e164_.substr(0, head) + "•••" + e164_.substr(e164_.size() - tail);
}

}  // namespace ringback
