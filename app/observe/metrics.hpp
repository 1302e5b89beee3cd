// Metrics: what the service counts, in the names and labels that dashboards and alarms are built
// on. Every label has a closed set of values: no number, id or free text of a visitor ever becomes
// one. All members may be called from any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace ringback {

class Metrics {
 public:
  enum class Webhook { applied, duplicate, stale, rejected };
  enum class Verification { sent, verified, wrong, expired, suppressed };
  enum class Circuit { closed, half_open, open };

  explicit Metrics(std::string_view version);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // `state` is a state's name as the API says it: "queued".
  void callback_entered(std::string_view state);
  void callbacks_open(std::string_view state, double count);
  void attempt_ended(std::string_view carrier, std::string_view outcome);
  void time_to_answer(double seconds);
  void time_to_bridge(double seconds);
  void carrier_request(std::string_view carrier, std::string_view operation,
                       std::string_view outcome, double seconds);
  void carrier_circuit(std::string_view carrier, Circuit circuit);
  void webhook(std::string_view carrier, Webhook result);
  void outbox(double pending, double oldest_seconds);
  // result: "heard", "archived", "retried", "dead", "deleted".
  void recording(std::string_view result);
  void recordings(double waiting, double dead, double oldest_seconds);
  void verification(Verification result);
  void limited(std::string_view limit);  // the key below limits: "create"
  // `route` is the pattern, never the path: "/api/v1/callbacks/{id}".
  void http_request(std::string_view route, std::string_view method, int status, double seconds);
  void storage_commit(double seconds, double batch_size);

  // The Prometheus text format, with process_* as of now.
  std::string serialize() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace ringback
