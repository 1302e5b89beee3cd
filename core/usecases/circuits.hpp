// The circuits of all accounts. An account's calls and its texts have one each: a caller id that is
// refused keeps no text back.
//
// What fails again and again stops dials alone: a text's few tries are spread over a minute anyway.
// An account that refuses us stops what it refused, dials or texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/domain/circuit.hpp"
#include "core/usecases/carry_out.hpp"

namespace ringback {

class Circuits {
 public:
  enum class Of { calls, texts };
  struct Member {
    Of of{};
    std::string account;
    std::string_view kind;  // of the carrier
    Circuit circuit;
  };

  Circuits(const std::vector<VoiceAccount>& voices, const std::vector<TextAccount>& texts,
           Millis refused_pause = kRefusedPause);

  // At most so many orders of each kind.
  Admission admission(TimePoint now, int most) const;
  void begin(const Errand& errand, TimePoint now);
  // Our own doing kept it from leaving.
  void not_tried(const Errand& errand);
  void settled(const Errand& errand, const Settled& settled, TimePoint now);

  const std::vector<Member>& all() const { return members_; }
  const Circuit& of(const Errand& errand) const { return members_[find(errand)].circuit; }

 private:
  std::size_t find(const Errand& errand) const;
  Circuit& circuit(const Errand& errand) { return members_[find(errand)].circuit; }

  std::vector<Member> members_;
};

// Of several, the one that is worst off.
Circuit::State worst_state(const std::vector<Circuits::Member>& members, std::string_view kind,
                           TimePoint now);

}  // namespace ringback
