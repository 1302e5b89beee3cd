// The telephone world of the simulator, without sockets, threads, clock or chance: a carrier with a
// REST API and signed webhooks, and the desk at which people play the telephones.
//
// It is told the time and says what is due, so one implementation serves the program (a real
// clock), a process of its own, the tests and the simulation (a virtual clock). Not thread-safe;
// never throws on hostile input. docs/simulator.md is its manual.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/exchange/agenda.hpp"
#include "adapters/exchange/postman.hpp"
#include "adapters/exchange/records.hpp"
#include "adapters/exchange/switchboard.hpp"
#include "adapters/exchange/weather.hpp"
#include "core/domain/result.hpp"
#include "core/ports/hmac.hpp"
#include "core/ports/http_message.hpp"

namespace ringback::exchange {

struct ExchangeOptions {
  std::string boot_id;  // other after each start: letters and digits, part of each id
  // Known to everybody: the exchange listens on loopback and rings nobody's telephone.
  std::string account = "simulator";
  std::string secret = "simulator";
  Manners manners;
  Faults faults;
  std::size_t most_live_calls = 10'000;  // more orders are throttled
  std::size_t most_texts = 10'000;       // older ones are forgotten
  std::size_t most_events = 5'000;       // 0: none are kept (a simulation)
  std::size_t most_log_entries = 200'000;
};

// An answer of the REST API. No response: the reply is lost; close the connection without a word.
struct Reply {
  std::optional<HttpResponse> response;
  Millis delay{0};  // answer (or close) after so long
};

class Exchange {
 public:
  Exchange(ExchangeOptions options, Hmac hmac);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // ---- for the program: the carrier's REST API ----
  Reply handle(const HttpRequest& request, TimePoint now);

  // ---- for whoever has the clock and the sockets ----
  std::optional<TimePoint> next_due() const;
  std::vector<OutgoingWebhook> take_due(TimePoint now);
  void webhook_answered(std::string_view id, const std::optional<HttpResponse>& response,
                        TimePoint now);

  // ---- for people at the desk; what they read is JSON as the simulator's API shows it ----
  // `action` as in the API. invalid_input, not_found, or conflict (the leg cannot do that now).
  Result<void> act(std::string_view leg, std::string_view action, std::string_view digits,
                   TimePoint now);
  std::string calls_json() const;
  std::string row_json(std::string_view id) const;       // of a leg that there is
  std::string messages_json(std::string_view to) const;  // empty: to anybody
  std::string log_json() const;
  std::string faults_json() const;
  Result<void> change_faults(std::string_view body);
  void change_faults(const Faults& faults) { weather_.change(faults); }

  std::vector<Event> events_since(std::uint64_t seq) const { return records_.since(seq); }
  std::uint64_t newest_event() const { return records_.newest(); }

  // ---- for tests ----
  const std::deque<LogEntry>& log() const { return records_.log(); }
  const std::map<std::uint64_t, Leg>& legs() const { return switchboard_.legs(); }
  const std::deque<Text>& texts() const { return texts_; }

 private:
  struct Visit;  // one request to the REST API on its way through
  struct Route;
  static const Route kRoutes[];

  HttpResponse serve(Visit& visit);
  HttpResponse create_call(Visit& visit);
  HttpResponse list_calls(Visit& visit);
  HttpResponse show_call(Visit& visit);
  HttpResponse end_call(Visit& visit);
  HttpResponse show_tape(Visit& visit);
  HttpResponse delete_tape(Visit& visit);
  HttpResponse create_text(Visit& visit);
  HttpResponse list_texts(Visit& visit);
  std::optional<HttpResponse> storm(bool order);

  ExchangeOptions options_;
  Agenda agenda_;
  Weather weather_;
  Records records_;
  Postman postman_;
  Switchboard switchboard_;
  std::deque<Text> texts_;
  std::uint64_t last_text_ = 0;
};

}  // namespace ringback::exchange
