#include "adapters/carriers/twilio/legs.hpp"

namespace ringback::twilio {
namespace {

struct Row {
  std::string_view status;
  View view;
};

constexpr Row kRows[] = {
    {"initiated", View::queued},     {"queued", View::queued},     {"ringing", View::ringing},
    {"in-progress", View::answered}, {"answered", View::answered}, {"busy", View::busy},
    {"no-answer", View::no_answer},  {"failed", View::failed},     {"canceled", View::canceled},
    {"completed", View::completed},
};

}  // namespace

View view_of(std::string_view status) {
  for (const auto& row : kRows)
    if (row.status == status) return row.view;
  return View::none;
}

bool is_declined(View view, std::string_view sip_code) {
  return (view == View::busy || view == View::failed) && (sip_code == "603" || sip_code == "607");
}

bool is_machine(std::string_view answered_by) {
  return answered_by.starts_with("machine") || answered_by == "fax";
}

}  // namespace ringback::twilio
