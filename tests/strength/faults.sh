#!/usr/bin/env bash
# Puts faults into the code on purpose, one at a time, and asks whether the tests notice: designs that
# look reasonable and fail. Works on a scratch copy; the repository is not touched.
#
#   tests/strength/faults.sh [NAME ...]    only the faults whose names contain one of these
#   tests/strength/faults.sh --check       only whether each fault still fits the code: seconds, no build
#   BUILD=folder tests/strength/faults.sh  keeps the scratch copy there, for the next run
#
# Asked in this order, the cheap ones first, until one says no: a small simulation, the machine's stories,
# the use cases' tests, a large simulation, the random stories and the search.
# Ends with 1 if a fault is noticed by nobody, with 2 if a fault cannot be put in: its pattern no longer
# fits the code, or what it makes of the code does not compile.
set -Eeuo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
FEW=5000
MANY="${CALLBACKS:-50000}"
BUILD="${BUILD:-}"

# name | file | sed
readonly FAULTS='
time-out taken for a failure, on to the next number|core/domain/machine.cpp|s/^  return On::no_answer;$/  return On::not_taken;/
time-out taken for not sent, dialled again|core/usecases/carry_out.cpp|s/Taken::not_sent : Taken::unknown/Taken::not_sent : Taken::not_sent/
a dead sender counts as a failed dial|core/domain/machine_table.cpp|s/On::sender_died, {always, ""}, To::in_doubt, {a::doubt,/On::sender_died, {always, ""}, To::next, {a::reject_unavailable,/
empty lists are believed before the quarantine ends|core/domain/machine_guards.hpp|/asked_at >= .a.doubt_until/,/steady_since_claim/c\  return
the first empty list after the quarantine proves nothing new, one is enough and at once|core/domain/machine_guards.hpp|s/return empty_counts(s) \&\& s.attempt->empty_looks >= 1/return s.attempt->empty_looks >= 0/
a clock that jumps shortens the quarantine|core/domain/machine_guards.hpp|/steady_since_claim >= s.rules/d
the last webhook wins|core/domain/knowledge.cpp|/^  if (is_final(leg.view)) return/d;s/if (view <= leg.view) return false;/if (view == leg.view) return false;/
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
an order that was settled stays in the outbox|core/usecases/carry_out.cpp|s/errand.kind, errand.item}/errand.kind, 0}/
a throttled call counts as placed|adapters/carriers/simulator/letters.cpp|s/return {Taken::throttled, "", /return {Taken::accepted, "0", /
news of another call is believed|core/domain/machine.cpp|s/ \&\& ref != s.attempt->ref;/ \&\& false;/
an operator calls again while a call is in doubt|core/domain/retry.cpp|s/return doubt \&\& !anyway ? RetryBar::may_have_rung : RetryBar::none;/return RetryBar::none;/
a cancel is accepted while the carrier may bridge|core/domain/machine_guards.hpp|s/return !s.attempt->gate_open \&\& !bridges(s) \&\& .*/return !s.attempt->gate_open;/
a call that looked absent was not bridged|core/domain/machine_guards.hpp|s/(a.state == AttemptState::absent .. a.state == AttemptState::in_doubt_ended);/a.state == AttemptState::in_doubt_ended;/
an answering machine may press 1|core/domain/machine_guards.hpp|s/!s.attempt->gate_open \&\& !s.attempt->machine/!s.attempt->gate_open/
an end is told twice|core/domain/machine_guards.hpp|s/^         s.callback.state != State::completed;/         true;/
a letter proves calls of every account|core/usecases/hear_webhook.cpp|s/^  if (!\*ours) {/  if (false) {/
a wrong code costs no try|core/domain/machine_actions.hpp|s/s.callback.verification.tries_left -= 1;//
a code that ran out is as good as new|core/domain/machine_guards.hpp|s/return expires_at \&\& \*expires_at <= s.now();/return false;/
the first empty list of texts is believed|core/domain/machine_guards.hpp|s/return text_absence_counts(s) \&\& s.message->empty_looks >= 1 \&\& /return text_absence_counts(s) \&\& /
a dial beside a call that turned up late|core/domain/machine_guards.hpp|/^inline bool phantom_up/,/^}/s/return std::any_of/return false \&\& std::any_of/
the wish of a carrier to wait is not heard|core/domain/machine_actions.hpp|s/std::get<DialAnswered>(s.event).outcome.retry_after/Millis(0)/
'

for_each_fault() { # command, words of the names that are wanted
  local command="$1" name file edit word
  shift
  while IFS='|' read -r name file edit; do
    if [ -z "$name" ]; then continue; fi
    for word in "${@:-}"; do
      if [[ "$name" == *"$word"* ]]; then
        "$command" "$name" "$file" "$edit" </dev/null
        break
      fi
    done
  done <<<"$FAULTS"
}

tried=0 nobody=0 broken=0

# ---- does it fit? ---------------------------------------------------------------------------------

fits() { # name, file, edit
  tried=$((tried + 1))
  if cmp -s "$ROOT/$2" <(sed "$3" "$ROOT/$2"); then
    broken=$((broken + 1))
    printf 'no longer fits the code: %s (%s)\n' "$1" "$2"
  fi
}

if [ "${1:-}" = --check ]; then
  for_each_fault fits
  echo "$tried faults, $broken do not fit the code"
  [ "$broken" = 0 ] || exit 2
  exit 0
fi

# ---- the scratch copy -----------------------------------------------------------------------------

scratch="${BUILD:-$(mktemp -d)}"
mkdir -p "$scratch/build"
export CCACHE_BASEDIR="$scratch" CCACHE_NOHASHDIR=true

# Of a fault that is in the code: the file it is in, and what that was before. New files must be newer
# than what was built of the old ones, or ninja takes the fault for built.
put_back() {
  if [ ! -s "$scratch/faulty" ]; then return; fi
  cat "$scratch/as_it_was" >"$scratch/$(cat "$scratch/faulty")"
  rm -f "$scratch/faulty"
}

leave() {
  put_back
  if [ -z "$BUILD" ]; then rm -rf "$scratch"; fi
}
trap leave EXIT

put_back # in a run that was killed
tar -C "$ROOT" --exclude node_modules --exclude web/dist -cf - \
  CMakeLists.txt cmake core adapters app tests docs web | tar -C "$scratch" --keep-newer-files --warning=no-ignore-newer -xf -
ln -sfn "$(readlink -f "$ROOT/build/deps")" "$scratch/build/deps"

# With the flags of the presets, so that the compiler's cache has most of it.
configure() { # folder, options
  if [ -f "$scratch/build/$1/build.ninja" ]; then return; fi
  cmake -S "$scratch" -B "$scratch/build/$1" -G Ninja -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=mold \
    -DCMAKE_CXX_COMPILER_LAUNCHER=ccache "${@:2}" >"$scratch/build.log" 2>&1
}

build() { # folder, target
  ninja -j "${JOBS:-2}" -C "$scratch/build/$1" "$2" >"$scratch/build.log" 2>&1
}

configure sim -DCMAKE_BUILD_TYPE=Release
configure dev -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="-O0 -g1"

# A world that cannot rest may take long; a fault that hangs is noticed, too.
simulation() { # callbacks
  timeout 300 "$scratch/build/sim/bin/ringback_sim" --callbacks "$1" >"$scratch/test.log" 2>&1
}
core_tests() { timeout 600 "$scratch/build/dev/bin/core_tests" "$@" >"$scratch/test.log" 2>&1; }
usecases_tests() { timeout 600 "$scratch/build/dev/bin/usecases_tests" >"$scratch/test.log" 2>&1; }

# Of the promises that broke, the one that broke most often.
broken_promise() {
  sed -n 's/^  0[0-9a-f-]* //p' "$scratch/test.log" | sort | uniq -c | sort -rn | sed -n '1s/^ *[0-9]* //p'
}

# Of the tests that failed, the first.
failed_test() { grep -m 1 -A 1 '^-----' "$scratch/test.log" | tail -n 1; }

# ---- one after the other --------------------------------------------------------------------------

notice_by_compiler() {
  if grep -q 'static assertion failed' "$scratch/build.log"; then
    by="the compiler: $(sed -n 's/.*static assertion failed: *//p' "$scratch/build.log" | head -n 1)"
  else
    by=""
    broken=$((broken + 1))
    cp "$scratch/build.log" "$scratch/not_compiled.log"
  fi
}

# Sets `by`: who noticed. Empty: it does not compile.
notice() {
  by=""
  build sim ringback_sim || { notice_by_compiler; return; }
  simulation "$FEW" || { by="the simulation: $(broken_promise)"; return; }
  build dev core_tests || { notice_by_compiler; return; }
  core_tests '~[slow]~[page]' || { by="a story: $(failed_test)"; return; }
  build dev usecases_tests || { notice_by_compiler; return; }
  usecases_tests || { by="a use case's test: $(failed_test)"; return; }
  simulation "$MANY" || { by="the large simulation: $(broken_promise)"; return; }
  core_tests '[slow]' || { by="a search: $(failed_test)"; return; }
  nobody=$((nobody + 1))
  by="NOBODY"
}

try() { # name, file, edit
  tried=$((tried + 1))
  cp "$scratch/$2" "$scratch/as_it_was" # not from the repository: it may change meanwhile
  echo "$2" >"$scratch/faulty"
  sed -i "$3" "$scratch/$2"
  if cmp -s "$scratch/as_it_was" "$scratch/$2"; then
    broken=$((broken + 1))
    by="NOT TRIED: the fault no longer fits the code"
  else
    notice
  fi
  put_back
  printf '%-62s %s\n' "$1" "${by:-NOT TRIED: it does not compile}"
}

if ! build sim ringback_sim || ! simulation "$FEW"; then
  echo "The simulation fails as it is; nothing was put in. See $scratch/build.log and $scratch/test.log." >&2
  BUILD="$scratch" # is kept
  exit 2
fi
for_each_fault try "$@"
echo "$tried faults, $nobody noticed by nobody, $broken could not be put in"
if [ "$broken" != 0 ]; then exit 2; fi
[ "$nobody" = 0 ]
