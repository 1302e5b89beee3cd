// Somebody talks nonsense to the simulator's exchange: its REST API, its desk and its weather.
//   each line: a request "METHOD url [body]", "act leg action digits", "faults json" or "wait ms"
#include <algorithm>
#include <charconv>
#include <string>

#include "adapters/exchange/exchange.hpp"
#include "core/ports/letter_text.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace ringback;
using fuzz::must;

namespace {

Digest zeros(std::string_view, std::string_view) { return {}; }

std::string_view next_word(std::string_view& rest) {
  const auto end = rest.find(' ');
  const auto word = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return word;
}

constexpr std::size_t kMostEvents = 16;

class World {
 public:
  void play(std::string_view line) {
    const auto verb = next_word(line);
    if (verb == "act") {
      const auto leg = next_word(line);
      const auto action = next_word(line);
      (void)exchange_.act(leg, action, line, now_);
    } else if (verb == "faults") {
      (void)exchange_.change_faults(line);
    } else if (verb == "wait") {
      int millis = 0;
      std::from_chars(line.data(), line.data() + line.size(), millis);
      pass(Millis(std::clamp(millis, 0, 600'000)), line);
    } else {
      ask(verb, line);
    }
  }

  void look() const {
    exchange_.calls_json();
    exchange_.messages_json({});
    exchange_.log_json();
    exchange_.faults_json();
    must(exchange_.events_since(0).size() <= kMostEvents, "events are bounded");
    for (const auto& [no, leg] : exchange_.legs()) exchange_.row_json(leg.id);
  }

 private:
  void ask(std::string_view verb, std::string_view line) {
    const auto url = next_word(line);
    HttpRequest request{std::string(verb),
                        "http://127.0.0.1:9" + std::string(url),
                        {{"Authorization", basic_authorization("simulator", "simulator")},
                         {"Content-Type", "application/json"}},
                        std::string(line)};
    const auto reply = exchange_.handle(request, now_);
    if (reply.response)
      must(reply.response->status >= 200 && reply.response->status < 600, "an answer is an answer");
    request.headers.clear();
    const auto stranger = exchange_.handle(request, now_);
    if (stranger.response)
      must(stranger.response->status == 401, "a stranger is told nothing and does nothing");
  }

  void pass(Millis span, std::string_view answer) {
    const auto end = now_ + span;
    // A world that never comes to rest would run for ever.
    for (int i = 0; i < 200; ++i) {
      const auto due = exchange_.next_due();
      if (!due || *due > end) break;
      now_ = std::max(now_, *due);
      for (const auto& webhook : exchange_.take_due(now_))
        exchange_.webhook_answered(webhook.id, HttpResponse{200, {}, std::string(answer)}, now_);
    }
    now_ = end;
  }

  static exchange::ExchangeOptions few() {
    exchange::ExchangeOptions options;
    options.boot_id = "0";
    options.most_live_calls = 4;
    options.most_texts = 4;
    options.most_events = kMostEvents;
    options.most_log_entries = 16;
    return options;
  }

  TimePoint now_{Seconds(1'800'000'000)};
  exchange::Exchange exchange_{few(), zeros};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::text_of(data, size);
  World world;
  for (int lines = 0; lines < 32 && !rest.empty(); ++lines) world.play(fuzz::next_line(rest));
  world.look();
  return 0;
}
