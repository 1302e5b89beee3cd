// IdSource by OpenSSL's generator, which the operating system seeds. When there is no randomness
// there is no safe way on: it throws, and nothing was made.
#pragma once

#include <mutex>

#include "core/ports/id_source.hpp"

namespace ringback {

class OsRandom final : public IdSource {
 public:
  IdBytes uuid_v7(TimePoint now) override;
  IdBytes random16() override;
  std::uint32_t random32() override;

 private:
  std::mutex mutex_;  // guards what follows
  TimePoint last_time_{};
  IdBytes last_{};
};

}  // namespace ringback
