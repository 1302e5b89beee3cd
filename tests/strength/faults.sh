#!/usr/bin/env bash
# Puts faults into the code on purpose, one at a time, and asks whether the tests notice: designs that
# look reasonable and fail. Works on a scratch copy; the repository is not touched. Ends with 1 if a
# fault is noticed by nobody.
#
#   tests/strength/faults.sh [NAME ...]    only the faults whose names contain one of these
#
# Asked in this order, until one says no: the simulation, the machine's tests.
set -Eeuo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
CALLBACKS="${CALLBACKS:-6000}"
BUILD="${BUILD:-}" # a folder to keep the scratch copy in, for the next run

# name | file | sed
readonly FAULTS='
time-out taken for a failure, on to the next number|core/domain/machine.cpp|s/^  return On::no_answer;$/  return On::not_taken;/
time-out taken for not sent, dialled again|core/usecases/carry_out.cpp|s/Taken::not_sent : Taken::unknown/Taken::not_sent : Taken::not_sent/
a dead sender counts as a failed dial|core/domain/machine_table.cpp|s/On::sender_died, {always, ""}, To::in_doubt, {a::doubt,/On::sender_died, {always, ""}, To::next, {a::reject_unavailable,/
empty lists are believed before the quarantine ends|core/domain/machine_guards.hpp|/asked_at >= .a.doubt_until/,/steady_since_claim/c\  return
the first empty list after the quarantine proves nothing new, one is enough and at once|core/domain/machine_guards.hpp|s/return empty_counts(s) \&\& s.attempt->empty_looks >= 1/return s.attempt->empty_looks >= 0/
a clock that jumps shortens the quarantine|core/domain/machine_guards.hpp|/steady_since_claim >= s.rules/d
the last webhook wins|core/domain/knowledge.cpp|s/if (is_final(leg.view) .. view <= leg.view) return false;/if (view == leg.view) return false;/
webhooks only, no poll after a bind|core/domain/machine_actions.hpp|/s.set_timer(TimerKind::poll, s.now() + first_poll/d
no doubt timer after a claim|core/domain/machine_actions.hpp|/s.set_timer(TimerKind::doubt, s.now() + s.rules.times.lease);/d
no look-up timer in doubt|core/domain/machine_actions.hpp|/s.set_timer(TimerKind::doubt, s.now() + s.rules.times.first_look);/d
a webhook before the reply is not bound|core/domain/machine_table.cpp|/Row{at(queued) . kOut, On::known, {g::unbound/d
the gate ignores a cancel|core/domain/machine_guards.hpp|s/asked != nullptr \&\& !s.was_over \&\& s.attempt/asked != nullptr \&\& s.attempt/
the answer does not look at the gate|core/domain/instruction.cpp|s/a->gate_open/true/
our own ring timer decides that nobody answered|core/domain/machine_table.cpp|s/Row{at(scheduled, queued, over) . kLive, On::poll_rang, {g::something_to_poll, "a call is not known to be over"}, To::stays, {a::poll_again_or_forget,/Row{kPlaced, On::poll_rang, {g::something_to_poll, ""}, To::settle, {a::end_attempt,/
give-up kills a live attempt|core/domain/machine_table.cpp|s/Row{kLive, On::give_up_rang, {g::not_over, "it is not over"}, To::stays, {a::note_too_old,/Row{kLive, On::give_up_rang, {g::not_over, ""}, To::alert, {a::withdraw_too_old,/
a text is sent again when its sender died|core/domain/machine_table.cpp|s/Row{at(text_sending), On::sender_died, {always, ""}, To::stays, {a::doubt_text,/Row{at(text_sending), On::sender_died, {always, ""}, To::stays, {a::send_text_again,/
a text without an answer is sent again|core/domain/machine.cpp|s/^  return On::text_no_answer;$/  return On::text_not_taken;/
a text counts as sent when it is claimed|core/domain/machine_actions.hpp|s/m.state = MessageState::sending;/m.state = MessageState::accepted;/
the end of the business leg is the end of the call|core/domain/callback.cpp|s/return !visitor_possible .. is_final(a.visitor_leg.view);/return true;/
a call placed after a cancel is not hung up|core/domain/machine_actions.hpp|/if (s.was_over) hang_up(s);/d
late truth is dropped|core/domain/machine_table.cpp|/Row{at(dead), On::known, {g::late_truth/d
hours are not asked again at the claim|core/domain/machine_guards.hpp|s/return !s.situation.open() .. phantom_up(s);/return phantom_up(s);/
the hold is not given back at the end|core/domain/machine_actions.hpp|/^inline void finish/,/^}/s/give_back_hold(s);//
a claim does not pay|core/domain/machine_actions.hpp|/^inline void claim(/,/^}/s/take_unit(s);//
rivals for a call are not asked for|core/usecases/carry_out.cpp|s/.rival = .rival,/.rival = false,/
an order claimed long before is no rival|core/usecases/carry_out.cpp|s/ - kFindMargin - times.lease - times.quarantine;/ - kFindMargin;/
a call that somebody has is taken once more|core/usecases/carry_out.cpp|s/return std::find(taken->begin(), taken->end(), ref) != taken->end();/return false;/
the clocks of carrier and program agree|core/usecases/carry_out.cpp|s/kFindMargin = Seconds(150)/kFindMargin = Seconds(0)/
a result of another claim is taken|core/domain/machine.cpp|s/e->fence != s.attempt->fence/false/
a wrong code is as good as a right one|core/usecases/prove_number.cpp|s/return same \&\& v.code_hmac/return v.code_hmac/
an open callback of the number is not joined|core/usecases/prove_number.cpp|/^Result<CodeAnswer> enter_right/,/^}/s/if (.first) return join.*//
a repeated request makes a second callback|core/usecases/request_callback.cpp|s/if (request.repeat) {/if (false) {/
the delivery key is not kept|core/usecases/hear_webhook.cpp|s/extras.delivery = delivery;/;/
a leased order is dropped when it is taken|core/usecases/carry_out.cpp|s/errand.kind, errand.item}/errand.kind, 0}/
'

scratch="${BUILD:-$(mktemp -d)}"
if [ -z "$BUILD" ]; then trap 'rm -rf "$scratch"' EXIT; fi
mkdir -p "$scratch/build"
tar -C "$ROOT" --exclude node_modules --exclude web/dist -cf - \
  CMakeLists.txt cmake core adapters app tests docs web | tar -C "$scratch" -xf -
ln -sfn "$(readlink -f "$ROOT/build/deps")" "$scratch/build/deps"

build() { # target
  nice ninja -j "${JOBS:-2}" -C "$scratch/build/out" "$1" >"$scratch/build.log" 2>&1
}

if [ ! -f "$scratch/build/out/build.ninja" ]; then
  cmake -S "$scratch" -B "$scratch/build/out" -G Ninja -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_CXX_FLAGS="-O1" -DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
    -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=mold >"$scratch/build.log" 2>&1
fi
build ringback_sim || { tail "$scratch/build.log" >&2; exit 2; }
"$scratch/build/out/bin/ringback_sim" --callbacks "$CALLBACKS" >"$scratch/sim.log" ||
  { echo "The simulation fails as it is; nothing was put in." >&2; exit 2; }

wanted() { # name
  [ "${#only[@]}" = 0 ] && return 0
  local word
  for word in "${only[@]}"; do [[ "$1" == *"$word"* ]] && return 0; done
  return 1
}

noticed_by() { # file
  build ringback_sim || { echo "the compiler"; return; }
  # A world that cannot rest may take long; a fault that hangs is noticed, too.
  if ! timeout 300 "$scratch/build/out/bin/ringback_sim" --callbacks "$CALLBACKS" >"$scratch/sim.log" 2>&1; then
    echo "the simulation: $(sed -n 's/^  0[0-9a-f-]* //p' "$scratch/sim.log" | sort | uniq -c | sort -rn | head -n 1 | sed 's/^ *[0-9]* //')"
    return
  fi
  build core_tests || { echo "the compiler"; return; }
  if ! timeout 600 "$scratch/build/out/bin/core_tests" '~[page]' >"$scratch/core.log" 2>&1; then
    echo "the machine's tests"
  fi
}

only=("$@")
nobody=0 tried=0
while IFS='|' read -r name file edit; do
  if [ -z "$name" ] || ! wanted "$name"; then continue; fi
  tried=$((tried + 1))
  cp "$scratch/$file" "$scratch/as_it_was" # not from the repository: it may change meanwhile
  sed -i "$edit" "$scratch/$file"
  if cmp -s "$scratch/as_it_was" "$scratch/$file"; then
    by=""
    name="$name (the fault no longer fits the code)"
  else
    by="$(noticed_by)"
  fi
  cp "$scratch/as_it_was" "$scratch/$file"
  if [ -z "$by" ]; then
    nobody=$((nobody + 1))
    by="NOBODY"
  fi
  printf '%-62s %s\n' "$name" "$by"
done <<<"$FAULTS"
echo "$tried faults, $nobody noticed by nobody"
[ "$nobody" = 0 ]
