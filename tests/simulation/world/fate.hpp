// Where a process dies: before or after its n-th call of a port. Nobody counts unless told to.
#pragma once

#include <string>
#include <string_view>

namespace ringback::sim {

struct Died {};  // no std::exception: nothing on the way may catch it

class Fate {
 public:
  void die_at(int point) { at_ = point; }  // 0: never
  void point(std::string_view name) {
    if (++count_ != at_) return;
    where_ = name;
    throw Died{};
  }
  int count() const { return count_; }
  const std::string& where() const { return where_; }  // it died; empty: it lived

 private:
  int at_ = 0;
  int count_ = 0;
  std::string where_;
};

}  // namespace ringback::sim
