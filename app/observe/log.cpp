#include "app/observe/log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <memory>
#include <mutex>

namespace ringback::log {
namespace {

constexpr std::size_t kQueue =
    4096;  // its slots (400 bytes each) are made and touched at the start
constexpr std::size_t kTogether = 4096;  // bytes of several lines; they count as one in the queue
constexpr std::size_t kLongestText = 4096;  // of one field; the rest is cut off

constexpr std::string_view name_of(Level level) {
  constexpr std::string_view kNames[] = {"debug", "info", "warn", "error"};
  return kNames[static_cast<std::size_t>(level)];
}

// The length of the valid UTF-8 sequence at the front, or 0.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  if (first == 0xe0 && byte(1) < 0xa0) return 0;
  if (first == 0xed && byte(1) > 0x9f) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;
  if (first == 0xf4 && byte(1) > 0x8f) return 0;
  return length;
}

void append_quoted(std::string& out, std::string_view text) {
  const bool cut = text.size() > kLongestText;
  if (cut) text = text.substr(0, kLongestText);
  out += '"';
  while (!text.empty()) {
    const auto length = sequence_length(text);
    const auto byte = static_cast<unsigned char>(text[0]);
    if (length == 0) {
      out += "\\ufffd";
    } else if (byte == '"' || byte == '\\') {
      out += '\\';
      out += text[0];
    } else if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else if (length == 2 && byte == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0) {
      // The second set of control characters: terminals obey some of them.
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(text[1]));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  if (cut) out += "…";
  out += '"';
}

void append_value(std::string& out, const Field& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value())) {
    append_quoted(out, *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&field.value())) {
    out += fmt::format("{}", *number);
  } else if (const auto* fraction = std::get_if<double>(&field.value())) {
    out += std::isfinite(*fraction) ? fmt::format("{}", *fraction) : "null";
  } else {
    out += std::get<bool>(field.value()) ? "true" : "false";
  }
}

// "2026-11-21T10:42:54.123Z"
std::string rfc3339(std::int64_t unix_ms) {
  // Most lines are of the same second as the one before.
  thread_local std::time_t known = -1;
  thread_local std::string second;
  const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  if (seconds != known) second = fmt::format("{:%Y-%m-%dT%H:%M:%S}", fmt::gmtime(seconds));
  known = seconds;
  return fmt::format("{}.{:03}Z", second, unix_ms % 1000);
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

struct Output {
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::logger> logger;
};

std::mutex output_mutex;
std::shared_ptr<Output> output;  // empty: straight to standard output
std::atomic<Level> lowest{Level::info};
std::atomic<Format> shape{Format::json};

std::shared_ptr<Output> current_output() {
  const std::lock_guard lock(output_mutex);
  return output;
}

void hand_over(std::string_view text) {
  if (const auto out = current_output()) {
    out->logger->log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
    return;
  }
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

}  // namespace

std::string line(Format format, std::int64_t unix_ms, Level level, std::string_view event,
                 Fields fields) {
  std::string out;
  out.reserve(160);
  if (format == Format::json) {
    out += fmt::format(R"({{"ts":"{}","level":"{}","event":)", rfc3339(unix_ms), name_of(level));
    append_quoted(out, event);
    for (const auto& field : fields) {
      out += ',';
      append_quoted(out, field.name());
      out += ':';
      append_value(out, field);
    }
    return out + '}';
  }
  std::string words;
  append_quoted(words, event);
  out += fmt::format("{} {:<5} {}", rfc3339(unix_ms), name_of(level),
                     std::string_view(words).substr(1, words.size() - 2));
  for (const auto& field : fields) {
    out += fmt::format("  {}=", field.name());
    append_value(out, field);
  }
  return out;
}

void start(Level level, Format format) {
  lowest = level;
  shape = format;
  auto fresh = std::make_shared<Output>();
  fresh->pool = std::make_shared<spdlog::details::thread_pool>(kQueue, 1);
  fresh->logger = std::make_shared<spdlog::async_logger>(
      "ringback", std::make_shared<spdlog::sinks::stdout_sink_mt>(), fresh->pool,
      spdlog::async_overflow_policy::overrun_oldest);
  fresh->logger->set_pattern("%v");
  fresh->logger->set_level(spdlog::level::trace);
  fresh->logger->flush_on(spdlog::level::trace);
  const std::lock_guard lock(output_mutex);
  output = std::move(fresh);
}

void set_level(Level level) { lowest = level; }

void stop() {
  std::shared_ptr<Output> last;
  {
    const std::lock_guard lock(output_mutex);
    last.swap(output);
  }
  if (!last) return;
  if (const auto dropped = last->pool->overrun_counter(); dropped > 0)
    write(Level::warning, "log lines were dropped", {{"lines", dropped}});
  last->logger.reset();
  last.reset();  // joins the writer once everything that waits is out
}

void write(Level level, std::string_view event, Fields fields) {
  if (level < lowest.load(std::memory_order_relaxed)) return;
  hand_over(line(shape, now_ms(), level, event, fields));
}

void Lines::add(Level level, std::string_view event, Fields fields) {
  if (level < lowest.load(std::memory_order_relaxed)) return;
  if (!text_.empty()) text_ += '\n';
  text_ += line(shape, now_ms(), level, event, fields);
  if (text_.size() > kTogether) write();
}

void Lines::write() {
  if (text_.empty()) return;
  hand_over(text_);
  text_.clear();
}

}  // namespace ringback::log
