// One small world from its first second until it rests: a program that may die, an exchange,
// people.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/world/oracle.hpp"
#include "tests/simulation/world/people.hpp"

namespace ringback::sim {

// Gives the store to a new process; `old`: as the last process left it, none at first.
using OpenStore = std::function<std::unique_ptr<CallbackStore>(std::unique_ptr<CallbackStore> old)>;
OpenStore in_memory();

struct Outcomes {
  std::vector<Violation> violations;
  Tally tally;
  Millis lasted{0};
  std::string stories;  // of the callbacks of violations; of all, if asked
};

class World {
 public:
  World(const Plan& plan, OpenStore open, Fate* fate = nullptr);

  Outcomes run(bool tell_all = false);

 private:
  bool step();  // false: it rests
  void start();
  void die(Millis down);
  void deliver();
  void schedule_trouble();
  void count_ends(Outcomes& outcomes);
  void check_pruning(Outcomes& outcomes);

  Plan plan_;
  Installation installed_;
  Stage stage_;
  StageClock clock_;
  SeededIds ids_;
  OpenStore open_;
  Witness witness_;
  std::unique_ptr<CallbackStore> store_;
  std::shared_ptr<Program> program_;
  People people_;
};

}  // namespace ringback::sim
