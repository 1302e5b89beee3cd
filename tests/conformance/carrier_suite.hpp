// What every carrier must do, as one story. Read carrier_suite.cpp from the top: it is the tutorial
// for the author of a new carrier. An adapter's whole test is a fixture of its own letters and one
// call of check_carrier.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/ports/carrier.hpp"

namespace ringback::conformance {

// A webhook as this carrier would send it, properly signed, with what is to be read from it.
struct StatusLetter {
  Webhook letter;
  News expected;  // attempt is left out
};
struct QuestionLetter {
  Webhook letter;
  Questioned expected;
};
struct FetchedLetters {
  std::vector<HttpResponse> letters;
  Snapshot expected;
};

struct RecordingLetter {
  Webhook letter;
  RecordingNews expected;
};

struct CarrierFixture {
  std::function<std::unique_ptr<Carrier>()> make;

  HttpResponse taken;  // a recorded yes to an order, and the reference in it
  std::string taken_ref;
  HttpResponse refused_number;   // the carrier's own no: this number
  HttpResponse refused_account;  // the carrier's own no: this account, so everybody else as well
  HttpResponse refused_content;  // the carrier's own no: how it was asked, or what was to be said
  HttpResponse throttled;
  Millis throttled_for{0};

  // With can_find_calls:
  HttpResponse found;
  std::vector<FoundCall> found_calls;

  std::vector<FetchedLetters> fetched;
  std::vector<HttpResponse> gone;  // of a call that does not exist

  // With can_hang_up:
  HttpResponse hung_up;
  HttpResponse was_over;  // of a call that had ended, or is not known

  std::vector<StatusLetter> news;
  std::vector<QuestionLetter> questions;    // none with bridges_itself
  std::vector<RecordingLetter> recordings;  // with can_record; one that is ready comes first
  // The same letter with another name of the recording: {letter, name}.
  std::function<Webhook(Webhook, std::string)> with_recording;

  // With signs_webhooks: the same letter with another signature, with none, with another body.
  std::function<Webhook(Webhook)> wrongly_signed;
  std::function<Webhook(Webhook)> unsigned_letter;
  // The body of a letter that is signed rightly and makes no sense.
  std::function<Webhook(Webhook, std::string)> with_body;
};

void check_carrier(const CarrierFixture& fixture);

}  // namespace ringback::conformance
