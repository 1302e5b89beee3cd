// A small program at the exchange's other end, in memory and under a virtual clock: it orders calls
// through the real codec, answers questions the way Ringback does, and remembers what it heard.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapters/carriers/simulator/carrier.hpp"
#include "adapters/carriers/simulator/messenger.hpp"
#include "adapters/exchange/exchange.hpp"

namespace ringback::exchange {

inline const PhoneNumber kBusiness = *PhoneNumber::from_e164("+12025550100");
inline const PhoneNumber kVisitor = *PhoneNumber::from_e164("+12025550123");

class Booth {
 public:
  explicit Booth(ExchangeOptions options = {});

  // Orders a call; what came back. `lost`: no reply came.
  Outcome order(const PhoneNumber& business = kBusiness);
  bool lost = false;
  std::string token = "token";

  // A request to the REST API with the right secret.
  HttpResponse request(std::string method, std::string path, std::string body = "",
                       std::string type = "application/json");
  Snapshot snapshot(const std::string& ref);

  // Lets time pass. The second: until it is so, at most an hour; false if it never was.
  void pass(Millis span);
  bool until(const std::function<bool()>& is_so);

  void act(const Leg& leg, std::string_view action, std::string_view digits = "");
  // Lets it ring and acts.
  void business_does(std::string_view action, std::string_view digits = "");
  void visitor_does(std::string_view action, std::string_view digits = "");
  const Leg* leg(Side role) const;  // the newest of that side
  bool is(Side role, LegStatus status) const;
  bool over() const;  // every leg has ended

  // What the program knows from webhooks alone: the highest view of each leg of the newest call.
  View heard_view(Side side) const;
  bool heard(Point point, int round = 1, const std::string& digits = "") const;

  TimePoint now{Seconds{1'795'000'000}};
  PhoneNumber visitor = kVisitor;
  bool reachable = true;             // false: webhooks find nobody
  int broken_answers = 0;            // so many webhooks are answered with 500
  std::string odd_answer;            // if not empty: what questions are answered with
  std::vector<HttpRequest> letters;  // every delivery
  std::vector<News> news;
  std::vector<Questioned> questions;
  std::multiset<std::string> deliveries;  // delivery keys, repeats included
  int unreadable = 0;

 private:
  HttpResponse answer(const HttpRequest& letter);
  Instruction decide(const Questioned& question) const;

 public:
  Exchange world;
  SimulatorCarrier carrier;
  SimulatorMessenger messenger;
};

}  // namespace ringback::exchange
