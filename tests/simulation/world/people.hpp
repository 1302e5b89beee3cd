// Everybody who touches a telephone or the web page: visitors, the business, an operator. They know
// nothing of processes that die, and they remember what they were told.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/world/program.hpp"

namespace ringback::sim {

class People {
 public:
  // program: whoever runs now, or nobody.
  using Now = std::function<std::shared_ptr<Program>()>;

  People(Stage& stage, const Installation& installed, Witness& witness, Now now);

  void begin();
  // Telephones that began to ring and texts that arrived since the last look.
  void look();

 private:
  struct Visitor {
    PhoneNumber phone;
    std::string client;
    bool proven = false;
    std::optional<TimePoint> slot;
    std::optional<CallbackId> id;       // as the last answer said
    std::optional<CallbackId> created;  // by the first request that came through
    bool forgets = false;
    int typed = 0;
  };

  void arrive(int who);
  void ask(int who);
  void type(int who, const std::string& code, bool wrong);
  void resend(int who);
  void cancel(int who);
  void retry_as_operator(const CallbackId& id);
  // Comes again until a living process takes it; false asks for it.
  void insist(Millis delay, std::function<bool(Program&)> what);

  void business_rings(const exchange::Leg& leg);
  void visitor_rings(const exchange::Leg& leg);
  void act(const std::string& leg, Millis delay, std::string_view action,
           std::string_view digits = "");
  Does next(const std::vector<Does>& ways, std::size_t& turn);
  void read_text(const exchange::Text& text);

  Stage& stage_;
  const Installation& installed_;
  Witness& witness_;
  Now now_;
  std::vector<Visitor> visitors_;
  std::multimap<std::string, int> by_phone_;
  std::uint64_t last_leg_ = 0;
  std::size_t last_text_ = 0;
  std::size_t business_turn_ = 0;
  std::size_t visitor_turn_ = 0;
};

}  // namespace ringback::sim
