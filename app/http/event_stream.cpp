#include "app/http/event_stream.hpp"

#include <fmt/format.h>

#include "app/http/wire.hpp"

namespace ringback::http {
namespace {

// Line breaks inside a one-line part would begin another field.
void append_line(std::string& out, std::string_view field, std::string_view value) {
  out.append(field).append(": ");
  for (const char c : value)
    if (c != '\r' && c != '\n' && c != '\0') out.push_back(c);
  out.push_back('\n');
}

void append_lines(std::string& out, std::string_view field, std::string_view value) {
  for (;;) {
    const auto end = value.find('\n');
    append_line(out, field, value.substr(0, end));
    if (end == std::string_view::npos) return;
    value = value.substr(end + 1);
  }
}

}  // namespace

EventStream::EventStream(Wire& wire, bool chunked) : wire_(wire), chunked_(chunked) {}

boost::asio::awaitable<bool> EventStream::send(std::string_view event, std::string_view id,
                                               std::string_view data) {
  std::string text;
  text.reserve(event.size() + id.size() + data.size() + 24);
  if (!event.empty()) append_line(text, "event", event);
  if (!id.empty()) append_line(text, "id", id);
  if (!data.empty()) append_lines(text, "data", data);
  text.push_back('\n');
  co_return co_await write(text);
}

boost::asio::awaitable<bool> EventStream::comment(std::string_view text) {
  std::string line;
  append_line(line, "", text);
  line.push_back('\n');
  co_return co_await write(line);
}

boost::asio::awaitable<bool> EventStream::write(std::string_view bytes) {
  if (bytes.empty()) co_return !wire_.gone();
  if (!chunked_) co_return co_await wire_.write_all(bytes, {});
  const auto chunk = fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
  co_return co_await wire_.write_all(chunk, {});
}

bool EventStream::closed() const { return wire_.stream_must_end(); }

boost::asio::awaitable<EventStream::Wake> EventStream::wait(Wakeup& bell, Millis at_most) {
  if (closed()) co_return Wake::closed;
  waiting_ = &bell;
  const bool rung = co_await bell.wait(at_most);
  waiting_ = nullptr;
  if (closed()) co_return Wake::closed;
  co_return rung ? Wake::rung : Wake::time;
}

std::shared_ptr<Wakeup> EventStream::make_bell() const { return Wakeup::make(executor()); }

boost::asio::any_io_executor EventStream::executor() const { return wire_.executor(); }

void EventStream::wake() {
  if (waiting_ != nullptr) waiting_->notify();
}

}  // namespace ringback::http
