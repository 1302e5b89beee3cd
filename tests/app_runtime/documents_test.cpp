#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <vector>

#include "app/api/status_document.hpp"
#include "app/api/time_text.hpp"
#include "core/domain/local_time.hpp"
#include "tests/conformance/store_samples.hpp"
#include "tests/support/catch.hpp"

namespace ringback {
namespace {

namespace json = boost::json;
using conformance::a_callback;
using conformance::at;

TEST_CASE("what is no RFC 3339 time is not read") {
  const auto text = GENERATE(
      "", "now", "2026-11-21", "2026-11-21T10:30", "2026-11-21T10:30:00", "2026-13-01T00:00:00Z",
      "2026-02-29T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T10:60:00Z",
      "2026-11-21T10:30:60Z", "2026-11-21T10:30:00.Z", "2026-11-21T10:30:00+0100",
      "2026-11-21T10:30:00+24:00", "2026-11-21T10:30:00Z ", " 2026-11-21T10:30:00Z",
      "2026-11-21T10:30:00ZZ", "20261121T103000Z", "2026-11-21T10:30:0-Z", "1969-12-31T23:59:59Z",
      "2038-01-01T00:00:00Z", "99999-01-01T00:00:00Z", "-026-11-21T10:30:00Z");
  CAPTURE(text);
  CHECK_FALSE(read_time(text).has_value());
}

TEST_CASE("offsets, fractions and small letters are read") {
  const auto expected = read_time("2026-11-21T10:30:00.250Z");
  REQUIRE(expected.has_value());
  CHECK(read_time("2026-11-21t10:30:00.25z") == expected);
  CHECK(read_time("2026-11-21 10:30:00.2509Z") == expected);
  CHECK(read_time("2026-11-21T11:30:00.250+01:00") == expected);
  CHECK(read_time("2026-11-20T22:30:00.250-12:00") == expected);
}

TEST_CASE("a time is written so that it reads back as itself") {
  for (const auto when : {at(0), at(1) + Millis(7), kZoneEpoch, kZoneHorizon - Millis(1)})
    CHECK(read_time(time_text(when)) == when);
  CHECK(time_text(kZoneEpoch) == "1970-01-01T00:00:00.000Z");
}

std::vector<std::string> names_of(const json::object& object) {
  std::vector<std::string> names;
  for (const auto& member : object) names.emplace_back(member.key());
  std::sort(names.begin(), names.end());
  return names;
}

TEST_CASE("a status document always has all its members, and null where one does not apply") {
  const auto state =
      GENERATE(State::pending, State::scheduled, State::queued, State::calling, State::connected,
               State::completed, State::missed, State::failed, State::cancelled, State::expired);
  auto callback = a_callback(1);
  callback.state = state;
  const auto document = status_object(callback, {.business_name = "Acme"});
  CHECK(names_of(document) == std::vector<std::string>{"attempt", "created_at", "id", "message",
                                                       "phase", "phone_masked", "position",
                                                       "reason", "scheduled_for", "site", "state",
                                                       "updated_at", "verification", "version"});
  CHECK(document.at("verification").is_object() == (state == State::pending));
  CHECK(document.at("attempt").is_null());
  CHECK(document.at("position").is_null());
  CHECK_FALSE(document.at("message").as_string().empty());
}

TEST_CASE("a status document never shows the number, the name or what was written") {
  const auto callback = conformance::a_full_callback(1);
  const auto text = json::serialize(status_object(callback, {.business_name = "Acme"}));
  CHECK(text.find(callback.visitor.phone.e164()) == std::string::npos);
  CHECK(text.find("5550123") == std::string::npos);
  CHECK(text.find(callback.visitor.email) == std::string::npos);
}

TEST_CASE("a pending callback says how it is proven") {
  auto callback = a_callback(1);
  callback.verification.tries_left = 5;
  callback.verification.expires_at = at(300);
  callback.verification.resend_at = at(60);
  const auto document = status_object(callback, {.business_name = "Acme"});
  const auto& verification = document.at("verification").as_object();
  CHECK(names_of(verification) ==
        std::vector<std::string>{"attempts_left", "channel", "expires_at", "resend_at"});
  CHECK(verification.at("attempts_left").as_int64() == 5);
  CHECK(verification.at("expires_at").as_string() == time_text(at(300)));
}

TEST_CASE("only somebody in the queue has a place in it, and such a document is fleeting") {
  auto callback = a_callback(1);
  callback.state = State::queued;
  CHECK(status_object(callback, {.position = 3}).at("position").as_int64() == 3);
  CHECK(status_document(callback, {.position = 3})->fleeting);
  callback.state = State::calling;
  CHECK(status_object(callback, {.position = 3}).at("position").is_null());
  CHECK_FALSE(status_document(callback, {})->fleeting);
}

TEST_CASE("a document knows whether it is the last") {
  auto callback = a_callback(1);
  CHECK_FALSE(status_document(callback, {})->is_final);
  callback.state = State::cancelled;
  callback.status_version = 7;
  const auto document = status_document(callback, {});
  CHECK(document->is_final);
  CHECK(document->version == 7);
  CHECK(json::parse(document->json()).at("version").as_int64() == 7);
}

}  // namespace
}  // namespace ringback
