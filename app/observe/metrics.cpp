#include "app/observe/metrics.hpp"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <limits>

#include "app/observe/http_tally.hpp"
#include "app/observe/process.hpp"

namespace ringback {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::MetricType;
using Buckets = Histogram::BucketBoundaries;

constexpr std::array kStates = {"pending",   "scheduled", "queued", "calling",   "connected",
                                "completed", "missed",    "failed", "cancelled", "expired"};
constexpr std::size_t kOpenStates = 5;  // the first ones above
constexpr std::array kWebhookResults = {"applied", "duplicate", "stale", "rejected"};
constexpr std::array kVerifications = {"sent", "verified", "wrong", "expired", "suppressed"};

const Buckets kPatience = {1, 2, 5, 10, 15, 20, 30, 45, 60, 120, 300, 900, 3600};
const Buckets kRequest = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
const Buckets kCommit = {0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1};
const Buckets kBatch = {1, 2, 4, 8, 16, 32, 64, 128, 256};

prometheus::MetricFamily process_family(const char* name, const char* help, MetricType type,
                                        double value) {
  prometheus::ClientMetric metric;
  if (type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return {.name = name, .help = help, .type = type, .metric = {metric}};
}

void append_process(std::vector<prometheus::MetricFamily>& families) {
  const auto facts = process_facts();
  const struct {
    const char* name;
    const char* help;
    MetricType type;
    double value;
  } rows[] = {
      {"process_cpu_seconds_total", "User and system CPU time spent.", MetricType::Counter,
       facts.cpu_seconds},
      {"process_resident_memory_bytes", "Resident memory.", MetricType::Gauge,
       facts.resident_bytes},
      {"process_virtual_memory_bytes", "Virtual memory.", MetricType::Gauge, facts.virtual_bytes},
      {"process_open_fds", "Open file descriptors.", MetricType::Gauge, facts.open_fds},
      {"process_max_fds", "Most file descriptors that may be open.", MetricType::Gauge,
       facts.max_fds},
      {"process_threads", "Threads.", MetricType::Gauge, facts.threads},
      {"process_start_time_seconds", "When the process started, in seconds since 1970.",
       MetricType::Gauge, facts.start_time},
  };
  for (const auto& row : rows)
    families.push_back(process_family(row.name, row.help, row.type, row.value));
}

std::string text(std::string_view view) { return std::string(view); }

// Two families from what the threads have counted.
void append_http(std::vector<prometheus::MetricFamily>& families, const HttpTally& tally) {
  prometheus::MetricFamily count{.name = "ringback_http_requests_total",
                                 .help = "HTTP requests answered.",
                                 .type = MetricType::Counter,
                                 .metric = {}};
  prometheus::MetricFamily times{.name = "ringback_http_request_duration_seconds",
                                 .help = "How long HTTP requests took.",
                                 .type = MetricType::Histogram,
                                 .metric = {}};
  for (const auto& series : tally.series()) {
    prometheus::ClientMetric one;
    one.label = {{"method", series.method},
                 {"route", series.route},
                 {"status", fmt::format("{}", series.status)}};
    auto& histogram = one.histogram;
    for (std::size_t i = 0; i < series.buckets.size(); ++i) {
      histogram.sample_count += series.buckets[i];
      const double bound = i < HttpTally::kBounds.size() ? HttpTally::kBounds[i]
                                                         : std::numeric_limits<double>::infinity();
      histogram.bucket.push_back({histogram.sample_count, bound});
    }
    histogram.sample_sum = series.seconds;
    times.metric.push_back(one);
    one.counter.value = static_cast<double>(histogram.sample_count);
    one.histogram = {};
    count.metric.push_back(std::move(one));
  }
  families.push_back(std::move(count));
  families.push_back(std::move(times));
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;

  Family<Counter>& counter(const char* name, const char* help) {
    return BuildCounter().Name(name).Help(help).Register(registry);
  }
  Family<Gauge>& gauge(const char* name, const char* help) {
    return BuildGauge().Name(name).Help(help).Register(registry);
  }
  Family<Histogram>& histogram(const char* name, const char* help) {
    return BuildHistogram().Name(name).Help(help).Register(registry);
  }

  Family<Counter>& callbacks =
      counter("ringback_callbacks_total", "Callbacks that entered a state.");
  Family<Gauge>& open = gauge("ringback_callbacks_open", "Callbacks that are in a state now.");
  Family<Counter>& attempts =
      counter("ringback_attempts_total", "Attempts that ended, by carrier and outcome.");
  Histogram& answer =
      histogram("ringback_time_to_answer_seconds", "From the dial to the business's answer.")
          .Add({}, kPatience);
  Histogram& bridge =
      histogram("ringback_time_to_bridge_seconds", "From the proven wish to two people talking.")
          .Add({}, kPatience);
  Family<Counter>& requests =
      counter("ringback_carrier_requests_total", "Requests to carriers, by outcome.");
  Family<Histogram>& request_times =
      histogram("ringback_carrier_request_duration_seconds", "How long requests to carriers took.");
  Family<Gauge>& circuits =
      gauge("ringback_carrier_circuit", "The carrier's circuit: 0 closed, 1 half-open, 2 open.");
  Family<Counter>& webhooks =
      counter("ringback_webhooks_total", "Webhooks of carriers, by what became of them.");
  Gauge& outbox_pending =
      gauge("ringback_outbox_pending", "Orders that wait to be carried out.").Add({});
  Gauge& outbox_oldest =
      gauge("ringback_outbox_oldest_seconds", "The age of the oldest order that waits.").Add({});
  Family<Counter>& recording_results =
      counter("ringback_recordings_total", "Recordings of calls, by what became of them.");
  Gauge& recordings_waiting =
      gauge("ringback_recordings_waiting", "Recordings that are not in the archive yet.").Add({});
  Gauge& recordings_dead =
      gauge("ringback_recordings_dead", "Recordings that were given up.").Add({});
  Gauge& recordings_oldest =
      gauge("ringback_recordings_oldest_seconds", "The age of the oldest recording that waits.")
          .Add({});
  Family<Counter>& verification_results =
      counter("ringback_verifications_total", "Codes, by what became of them.");
  Family<Counter>& limits = counter("ringback_limited_total", "Requests over a limit.");
  Histogram& commits =
      histogram("ringback_storage_commit_seconds", "How long commits took.").Add({}, kCommit);
  Histogram& batches =
      histogram("ringback_storage_batch_size", "Changes in one commit.").Add({}, kBatch);

  HttpTally http;

  std::array<Counter*, kStates.size()> entered{};
  std::array<Counter*, kVerifications.size()> verified{};
};

Metrics::Metrics(std::string_view version) : families_(std::make_unique<Families>()) {
  auto& f = *families_;
  f.gauge("ringback_build_info", "Always 1; the labels say which build this is.")
      .Add({{"version", text(version)}, {"compiler", "g++ " __VERSION__}})
      .Set(1);
  // Series with closed labels exist from the start, so a rate over them is never absent.
  for (std::size_t i = 0; i < kStates.size(); ++i)
    f.entered[i] = &f.callbacks.Add({{"state", kStates[i]}});
  for (std::size_t i = 0; i < kOpenStates; ++i) f.open.Add({{"state", kStates[i]}});
  for (std::size_t i = 0; i < kVerifications.size(); ++i)
    f.verified[i] = &f.verification_results.Add({{"result", kVerifications[i]}});
}

Metrics::~Metrics() = default;

void Metrics::callback_entered(std::string_view state) {
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    if (state == kStates[i]) families_->entered[i]->Increment();
  }
}

void Metrics::callbacks_open(std::string_view state, double count) {
  families_->open.Add({{"state", text(state)}}).Set(count);
}

void Metrics::attempt_ended(std::string_view carrier, std::string_view outcome) {
  families_->attempts.Add({{"carrier", text(carrier)}, {"outcome", text(outcome)}}).Increment();
}

void Metrics::time_to_answer(double seconds) { families_->answer.Observe(seconds); }
void Metrics::time_to_bridge(double seconds) { families_->bridge.Observe(seconds); }

void Metrics::carrier_request(std::string_view carrier, std::string_view operation,
                              std::string_view outcome, double seconds) {
  families_->requests
      .Add({{"carrier", text(carrier)}, {"operation", text(operation)}, {"outcome", text(outcome)}})
      .Increment();
  families_->request_times
      .Add({{"carrier", text(carrier)}, {"operation", text(operation)}}, kRequest)
      .Observe(seconds);
}

void Metrics::carrier_circuit(std::string_view carrier, Circuit circuit) {
  families_->circuits.Add({{"carrier", text(carrier)}}).Set(static_cast<double>(circuit));
}

void Metrics::webhook(std::string_view carrier, Webhook result) {
  families_->webhooks
      .Add({{"carrier", text(carrier)},
            {"result", kWebhookResults[static_cast<std::size_t>(result)]}})
      .Increment();
}

void Metrics::outbox(double pending, double oldest_seconds) {
  families_->outbox_pending.Set(pending);
  families_->outbox_oldest.Set(oldest_seconds);
}

void Metrics::recording(std::string_view result) {
  families_->recording_results.Add({{"result", text(result)}}).Increment();
}

void Metrics::recordings(double waiting, double dead, double oldest_seconds) {
  families_->recordings_waiting.Set(waiting);
  families_->recordings_dead.Set(dead);
  families_->recordings_oldest.Set(oldest_seconds);
}

void Metrics::verification(Verification result) {
  families_->verified[static_cast<std::size_t>(result)]->Increment();
}

void Metrics::limited(std::string_view limit) {
  families_->limits.Add({{"limit", text(limit)}}).Increment();
}

void Metrics::http_request(std::string_view route, std::string_view method, int status,
                           double seconds) {
  families_->http.count(route, method, status, seconds);
}

void Metrics::storage_commit(double seconds, double batch_size) {
  families_->commits.Observe(seconds);
  families_->batches.Observe(batch_size);
}

std::string Metrics::serialize() const {
  auto families = families_->registry.Collect();
  append_http(families, families_->http);
  append_process(families);
  // A family without a series yet has no lines; its name appears with the first one.
  std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
  return prometheus::TextSerializer{}.Serialize(families);
}

}  // namespace ringback
