// A text that must not be seen: it prints "***" and wipes its memory when it goes. Showing it is an
// explicit call.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace ringback {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(text) { wipe(text); }

  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { wipe(other.text_); }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      wipe(text_);
      text_ = other.text_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe(text_);
      text_ = std::move(other.text_);
      wipe(other.text_);
    }
    return *this;
  }
  ~Secret() { wipe(text_); }

  const std::string& reveal() const noexcept { return text_; }
  bool empty() const noexcept { return text_.empty(); }

  // Takes as long for a near miss as for a far one.
  friend bool operator==(const Secret& a, const Secret& b) noexcept {
    if (a.text_.size() != b.text_.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.text_.size(); ++i)
      difference |= static_cast<unsigned char>(a.text_[i] ^ b.text_[i]);
    return difference == 0;
  }

 private:
  // All of the room, since a short string that was moved from leaves its bytes behind. Volatile, or
  // the compiler would leave out stores to memory that is about to be freed.
  static void wipe(std::string& text) noexcept {
    text.resize(text.capacity());
    volatile char* bytes = text.data();
    for (std::size_t i = 0; i < text.size(); ++i) bytes[i] = '\0';
    text.clear();
  }

  std::string text_;
};

inline std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

}  // namespace ringback

template <>
struct fmt::formatter<ringback::Secret> : fmt::formatter<std::string_view> {
  auto format(const ringback::Secret&, fmt::format_context& out) const {
    return fmt::formatter<std::string_view>::format("***", out);
  }
};
