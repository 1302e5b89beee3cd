#include "app/observe/metrics.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "app/observe/process.hpp"

using Catch::Matchers::Contains;
using ringback::Metrics;

namespace {

// Every metric with a value and one of each label.
void count_everything(Metrics& metrics) {
  metrics.callback_entered("queued");
  metrics.callbacks_open("queued", 3);
  metrics.attempt_ended("simulator", "completed");
  metrics.time_to_answer(4);
  metrics.time_to_bridge(9);
  metrics.carrier_request("simulator", "place", "accepted", 0.02);
  metrics.carrier_circuit("simulator", Metrics::Circuit::open);
  metrics.webhook("simulator", Metrics::Webhook::stale);
  metrics.outbox(2, 1.5);
  metrics.verification(Metrics::Verification::wrong);
  metrics.limited("create");
  metrics.http_request("/api/v1/callbacks/{id}", "GET", 200, 0.001);
  metrics.storage_commit(0.002, 4);
}

}  // namespace

TEST_CASE("what is counted has the names and labels that alarms are built on", "[metrics]") {
  Metrics metrics("1.2.3");
  count_everything(metrics);
  const auto text = metrics.serialize();
  for (const auto* line : {"ringback_callbacks_total{state=\"queued\"} 1",
                           "ringback_callbacks_open{state=\"queued\"} 3",
                           "ringback_callbacks_total{state=\"missed\"} 0",
                           "ringback_attempts_total{carrier=\"simulator\",outcome=\"completed\"} 1",
                           "ringback_time_to_answer_seconds_count 1",
                           "ringback_time_to_bridge_seconds_count 1",
                           "ringback_carrier_requests_total{",
                           "operation=\"place\"",
                           "outcome=\"accepted\"",
                           "ringback_carrier_request_duration_seconds_bucket{",
                           "ringback_carrier_circuit{carrier=\"simulator\"} 2",
                           "ringback_webhooks_total{",
                           "result=\"stale\"",
                           "ringback_outbox_pending 2",
                           "ringback_outbox_oldest_seconds 1.5",
                           "ringback_verifications_total{result=\"wrong\"} 1",
                           "ringback_verifications_total{result=\"sent\"} 0",
                           "ringback_limited_total{limit=\"create\"} 1",
                           "ringback_http_requests_total{",
                           "route=\"/api/v1/callbacks/{id}\"",
                           "ringback_http_request_duration_seconds_count{",
                           "ringback_storage_commit_seconds_sum 0.002",
                           "ringback_storage_batch_size_sum 4",
                           "ringback_build_info{",
                           "version=\"1.2.3\"",
                           "process_cpu_seconds_total ",
                           "process_resident_memory_bytes ",
                           "process_open_fds ",
                           "process_start_time_seconds "}) {
    CHECK_THAT(text, Contains(line));
  }
}

TEST_CASE("requests that threads have counted each for itself are added up", "[metrics]") {
  Metrics metrics("1.2.3");
  const auto serve = [&metrics] {
    for (int i = 0; i < 1000; ++i) metrics.http_request("/livez", "GET", 200, 0.001);
    metrics.http_request("/livez", "GET", 200, 60);
  };
  std::thread one(serve);
  std::thread other(serve);
  // Asked in between: it may see any part of it, and must not disturb the counting.
  for (int i = 0; i < 100; ++i) CHECK_FALSE(metrics.serialize().empty());
  one.join();
  other.join();
  serve();
  metrics.http_request("/livez", "GET", 503, 0.25);

  const auto text = metrics.serialize();
  const std::string labels = R"(method="GET",route="/livez",status="200")";
  const std::string times = "ringback_http_request_duration_seconds";
  CHECK_THAT(text, Contains("ringback_http_requests_total{" + labels + "} 3003\n"));
  CHECK_THAT(text, Contains("route=\"/livez\",status=\"503\"} 1\n"));
  CHECK_THAT(text, Contains(times + "_bucket{" + labels + ",le=\"0.0005\"} 0\n"));
  CHECK_THAT(text, Contains(times + "_bucket{" + labels + ",le=\"0.001\"} 3000\n"));
  CHECK_THAT(text, Contains(times + "_bucket{" + labels + ",le=\"5\"} 3000\n"));
  CHECK_THAT(text, Contains(times + "_bucket{" + labels + ",le=\"+Inf\"} 3003\n"));
  CHECK_THAT(text, Contains(times + "_count{" + labels + "} 3003\n"));
}

TEST_CASE("counts of one service are not another's", "[metrics]") {
  Metrics one("1.2.3");
  Metrics other("1.2.3");
  one.http_request("/livez", "GET", 200, 0.001);
  other.http_request("/livez", "GET", 200, 0.001);
  one.http_request("/livez", "GET", 200, 0.001);
  CHECK_THAT(one.serialize(), Contains("status=\"200\"} 2\n"));
  CHECK_THAT(other.serialize(), Contains("status=\"200\"} 1\n"));
}

TEST_CASE("the process knows itself", "[metrics]") {
  const auto facts = ringback::process_facts();
  CHECK(facts.resident_bytes > 100000);
  CHECK(facts.open_fds >= 3);
  CHECK(facts.threads >= 1);
  const auto now = static_cast<double>(std::time(nullptr));
  CHECK(facts.start_time > now - 24 * 3600);
  CHECK(facts.start_time < now + 60);
}

TEST_CASE("promtool finds nothing to complain about", "[metrics]") {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) {
    WARN("skipped: promtool is not installed (Debian package prometheus)");
    return;
  }
  Metrics metrics("1.2.3");
  count_everything(metrics);
  std::string name = std::filesystem::temp_directory_path() / "ringback-metrics-XXXXXX";
  const int file = mkstemp(name.data());
  REQUIRE(file >= 0);
  close(file);
  std::ofstream(name) << metrics.serialize();
  CHECK(std::system(("promtool check metrics < " + name).c_str()) == 0);
  std::filesystem::remove(name);
}
