#include "adapters/system/os_random.hpp"

#include <algorithm>
#include <cstddef>

#include "adapters/system/random_bytes.hpp"

namespace ringback {
namespace {

// A clock that is set right by more than this is believed; ids then begin anew at the new time.
constexpr Millis kClockSlack{10'000};

constexpr std::size_t kTimeBytes = 6;
constexpr std::size_t kCounterFrom = 12;  // the last four bytes count within a millisecond

IdBytes fresh(TimePoint now) {
  IdBytes id{};
  random_bytes(id.data() + kTimeBytes, id.size() - kTimeBytes);
  auto millis =
      static_cast<std::uint64_t>(std::max<Millis::rep>(0, now.time_since_epoch().count()));
  for (std::size_t i = kTimeBytes; i-- > 0; millis >>= 8)
    id[i] = static_cast<std::uint8_t>(millis & 255);
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0F) | 0x70);               // version 7
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3F) | 0x80);               // variant
  id[kCounterFrom] = static_cast<std::uint8_t>(id[kCounterFrom] & 0x7F);  // room to count up
  return id;
}

// The next larger id of the same millisecond; false when the counter is used up.
bool count_up(IdBytes& id) {
  for (std::size_t i = id.size(); i-- > kCounterFrom;)
    if (++id[i] != 0) return true;
  return false;
}

}  // namespace

// Within a millisecond the id before is counted up, by one: an id is a name, never a secret, and
// what opens something is random16().
IdBytes OsRandom::uuid_v7(TimePoint now) {
  const std::lock_guard lock(mutex_);
  const bool same_time = now <= last_time_ && now > last_time_ - kClockSlack;
  if (!same_time) last_time_ = now;
  if (!same_time || !count_up(last_)) {
    if (same_time) last_time_ += Millis{1};
    last_ = fresh(last_time_);
  }
  return last_;
}

IdBytes OsRandom::random16() {
  IdBytes bytes{};
  random_bytes(bytes.data(), bytes.size());
  return bytes;
}

std::uint32_t OsRandom::random32() {
  std::uint32_t value = 0;
  random_bytes(reinterpret_cast<std::uint8_t*>(&value), sizeof value);
  return value;
}

}  // namespace ringback
