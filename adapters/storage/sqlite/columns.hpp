// Which column holds which member: one list for each row type, read by writers and readers alike.
// c(column, member), in the order of the statements made of it.
#pragma once

#include <concepts>
#include <string>
#include <type_traits>

#include "adapters/storage/sqlite/connection.hpp"
#include "core/domain/callback.hpp"
#include "core/domain/recording.hpp"

namespace ringback::sqlite {

template <class T, class U>
concept Row = std::same_as<std::remove_const_t<T>, U>;

// Without the id, the sealed visitor and `open`.
template <class C, Row<Callback> R>
void columns(C& c, R& r) {
  c("site", r.site);
  c("phone_hmac", r.phone_hmac);
  c("client_hmac", r.client_hmac);
  c("state", r.state);
  c("phase", r.phase);
  c("reason", r.reason);
  c("version", r.version);
  c("status_version", r.status_version);
  c("proven", r.proven);
  c("late", r.late);
  c("too_old", r.too_old);
  c("cancel", r.cancel);
  c("generation", r.generation);
  c("round", r.round);
  c("number_index", r.number_index);
  c("account", r.account);
  c("struck", r.struck);
  c("rang", r.rang);
  c("last_reason", r.last_reason);
  c("visitor_reason", r.visitor_reason);
  c("fault", r.fault);
  c("in_doubt_ended", r.in_doubt_ended);
  c("second_chance_used", r.second_chance_used);
  c("alerted_generation", r.alerted_generation);
  c("held_day", r.held_day);
  c("created_at", r.created_at);
  c("updated_at", r.updated_at);
  c("slot", r.slot);
  c("scheduled_for", r.scheduled_for);
  c("give_up_at", r.give_up_at);
  c("proven_at", r.proven_at);
  c("finished_at", r.finished_at);
  c("code_sends", r.verification.sends);
  c("code_tries_left", r.verification.tries_left);
  c("code_expires_at", r.verification.expires_at);
  c("code_resend_at", r.verification.resend_at);
  c("code_hmac", r.verification.code_hmac);
  c("code_suppressed", r.verification.suppressed);
}

template <class C, Row<Attempt> R>
void columns(C& c, R& r) {
  c("no", r.no);
  c("state", r.state);
  c("generation", r.generation);
  c("account", r.account);
  c("number_index", r.number_index);
  c("business", r.business);
  c("fence", r.fence);
  c("throttled", r.throttled);
  c("budget_day", r.budget_day);
  c("made_at", r.made_at);
  c("claimed_at", r.claimed_at);
  c("doubt_until", r.doubt_until);
  c("empty_looks", r.empty_looks);
  c("empty_look_at", r.empty_look_at);
  c("ref", r.ref);
  c("business_view", r.business_leg.view);
  c("business_declined", r.business_leg.declined);
  c("business_answered_at", r.business_leg.answered_at);
  c("business_ended_at", r.business_leg.ended_at);
  c("visitor_view", r.visitor_leg.view);
  c("visitor_declined", r.visitor_leg.declined);
  c("visitor_answered_at", r.visitor_leg.answered_at);
  c("visitor_ended_at", r.visitor_leg.ended_at);
  c("gate_open", r.gate_open);
  c("key_refused", r.key_refused);
  c("machine", r.machine);
  c("never_joined", r.never_joined);
  c("closed", r.closed);
  c("childless_at", r.childless_at);
  c("gone_at", r.gone_at);
  c("polls", r.polls);
  c("outcome", r.outcome);
  c("talk_seconds", r.talk_seconds);
}

template <class C, Row<Message> R>
void columns(C& c, R& r) {
  c("no", r.no);
  c("purpose", r.purpose);
  c("state", r.state);
  c("generation", r.generation);
  c("fence", r.fence);
  c("throttled", r.throttled);
  c("resent", r.resent);
  c("budget_day", r.budget_day);
  c("made_at", r.made_at);
  c("claimed_at", r.claimed_at);
  c("doubt_until", r.doubt_until);
  c("empty_looks", r.empty_looks);
  c("empty_look_at", r.empty_look_at);
  c("ref", r.ref);
  c("outcome", r.outcome);
}

// Without the id.
template <class C, Row<Recording> R>
void columns(C& c, R& r) {
  c("callback", r.callback);
  c("attempt", r.attempt);
  c("account", r.account);
  c("call", r.call);
  c("ref", r.ref);
  c("state", r.state);
  c("fault", r.fault);
  c("tries", r.tries);
  c("repeats", r.repeats);
  c("seconds", r.seconds);
  c("known_at", r.known_at);
  c("due", r.due);
  c("archived_at", r.archived_at);
  c("type", r.audio.type);
  c("bytes", r.audio.bytes);
  c("sha256", r.audio.sha256);
}

// The statements that a list makes.
struct Clauses {
  std::string names;  // site, phone_hmac, ...
  std::string marks;  // ?, ?, ...
  std::string sets;   // site = ?, ...
  std::string takes;  // site = excluded.site, ...
};

template <class T>
Clauses clauses_of() {
  Clauses clauses;
  const auto list = [&](std::string_view column, const auto&) {
    const std::string name(column);
    const std::string comma = clauses.names.empty() ? "" : ", ";
    clauses.names += comma + name;
    clauses.marks += comma + "?";
    clauses.sets += comma + name + " = ?";
    clauses.takes += comma + name + " = excluded." + name;
  };
  const T row{};
  columns(list, row);
  return clauses;
}

template <class T>
void put_row(Query& query, const T& row) {
  const auto put = [&](std::string_view, const auto& value) { query.put(value); };
  columns(put, row);
}

template <class T>
void take_row(Query& query, T& row) {
  const auto take = [&](std::string_view, auto& value) { query.take(value); };
  columns(take, row);
}

}  // namespace ringback::sqlite
