// Secret: text that must not be seen. It prints "***" and wipes itself; reveal() is the only way to
// read it, so every place that shows a secret can be found by that word.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace ringback {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(other.text_) { other.wipe(); }
  Secret& operator=(Secret other) noexcept {
    text_.swap(other.text_);
    return *this;
  }
  ~Secret() { wipe(); }

  const std::string& reveal() const noexcept { return text_; }
  bool empty() const noexcept { return text_.empty(); }

 private:
  void wipe() noexcept {
    volatile char* bytes = text_.data();
    for (std::size_t i = 0; i < text_.size(); ++i) bytes[i] = 0;
    text_.clear();
  }
  std::string text_;
};

}  // namespace ringback

template <>
struct fmt::formatter<ringback::Secret> : fmt::formatter<std::string_view> {
  auto format(const ringback::Secret&, fmt::format_context& out) const {
    return fmt::formatter<std::string_view>::format("***", out);
  }
};
