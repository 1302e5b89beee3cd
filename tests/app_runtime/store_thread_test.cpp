#include "app/runtime/store_thread.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>

#include "adapters/storage/memory/memory_store.hpp"
#include "tests/conformance/store_samples.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/forwarding_store.hpp"

namespace ringback {
namespace {

namespace asio = boost::asio;
using conformance::a_callback;
using conformance::callback_id;
using conformance::creation;

constexpr auto kDeadline = std::chrono::seconds(30);

class FailingDisk final : public test::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  std::atomic<bool> full{false};
  std::atomic<bool> begins_again{false};  // as a store does that cannot undo a single work

  Result<void> batch(std::span<const Work> works) override {
    if (begins_again) {
      const Work in_vain = [&] {
        for (const auto& work : works) work();
        return false;
      };
      if (const auto undone = inner_.batch({&in_vain, 1}); !undone) return undone;
    }
    if (!full) return inner_.batch(works);
    for (const auto& work : works) work();  // believed until the commit
    return Error{Errc::storage_failed, "the disk is full"};
  }
};

struct Batch {
  std::size_t works;
  std::vector<Change> changes;
};

// A store's thread, and callers on a thread of their own. The first work can be held back, so that
// what is asked meanwhile waits together.
class Callers {
 public:
  explicit Callers(StoreThreadLimits limits = {})
      : memory(make_memory_store()),
        disk(*memory),
        store(
            disk, changes,
            [this](double, std::size_t works, std::vector<Change>&& changed) {
              if (publishing_fails) throw std::runtime_error("no");
              batches.push_back({works, std::move(changed)});
            },
            limits),
        thread_([this] { context_.run(); }) {
    changes.look_after(claims);
  }
  ~Callers() {
    open();
    store.stop();  // before the executor that it answers on goes away
    guard_.reset();
    thread_.join();
  }

  std::unique_ptr<CallbackStore> memory;
  FailingDisk disk;
  SteadyClaims claims;
  Changes changes;
  std::vector<Batch> batches;  // read only when all answers have come
  std::atomic<bool> publishing_fails{false};
  StoreThread store;

  // Keeps the store's thread busy until open().
  void hold() {
    held_ = ask([this] {
      inside_.set_value();
      gate_.get_future().wait();
      return Result<int>(0);
    });
    inside_.get_future().wait();
  }
  void open() {
    if (held_.valid()) {
      gate_.set_value();
      held_.get();
    }
  }
  void wait_for_waiting(std::size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    while (store.waiting() < count && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    REQUIRE(store.waiting() == count);
  }

  std::future<Result<int>> ask(std::function<Result<int>()> work,
                               Urgency urgency = Urgency::visitor) {
    return asio::co_spawn(context_, call(std::move(work), urgency), asio::use_future);
  }
  std::future<Result<int>> create(std::uint32_t n) {
    return ask([this, n] {
      const auto written = write(n);
      return written ? Result<int>(static_cast<int>(n)) : Result<int>(written.error());
    });
  }
  // Inside a work: a callback, told to the observer, with a claim.
  Result<void> write(std::uint32_t n) {
    const auto callback = a_callback(n);
    const auto written = disk.commit(creation(callback));
    if (!written) return written;
    Decision decision;
    decision.after = callback;
    changes.on_commit(nullptr, decision, Asked{});
    claims.note(callback.id, Millis(n));
    return {};
  }

 private:
  asio::awaitable<Result<int>> call(std::function<Result<int>()> work, Urgency urgency) {
    auto job = [&work] { return work(); };
    co_return co_await store.run(urgency, job);
  }

  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_{context_.get_executor()};
  std::promise<void> inside_;
  std::promise<void> gate_;
  std::future<Result<int>> held_;
  std::thread thread_;
};

TEST_CASE("an error is its work's answer, leaves nothing behind and publishes nothing") {
  Callers callers;
  callers.hold();
  auto sound = callers.create(1);
  callers.disk.begins_again = GENERATE(false, true);
  auto broken = callers.ask([&callers]() -> Result<int> {
    CHECK(callers.write(2).has_value());
    callers.claims.note(callback_id(1), std::nullopt);
    return Error{Errc::conflict, "no"};
  });
  auto another = callers.create(3);
  callers.wait_for_waiting(3);
  callers.open();
  CHECK(*sound.get() == 1);
  CHECK(broken.get().error().code == Errc::conflict);
  CHECK(*another.get() == 3);
  CHECK_FALSE(callers.memory->load(callback_id(2)).has_value());
  CHECK(callers.memory->load(callback_id(3)).has_value());
  REQUIRE(callers.batches.size() == 2);
  CHECK(callers.batches.back().works == 3);  // one transaction for all that waited
  REQUIRE(callers.batches.back().changes.size() == 2);
  CHECK(callers.batches.back().changes.front().after.id == callback_id(1));
  CHECK(callers.batches.back().changes.back().after.id == callback_id(3));
  CHECK(callers.claims.at.size() == 2);
  CHECK(callers.claims.of(callback_id(1)) == Millis(1));
  CHECK(callers.claims.of(callback_id(3)) == Millis(3));
}

TEST_CASE("a work that is run again gives one answer, also if it went wrong only the first time") {
  Callers callers;
  callers.disk.begins_again = true;
  int runs = 0;
  CHECK(*callers.ask([&runs] { return Result<int>(++runs); }).get() == 2);
  runs = 0;
  auto shy = callers.ask([&runs]() -> Result<int> {
    if (++runs == 1) throw std::runtime_error("a bug that is gone");
    return runs;
  });
  CHECK(*shy.get() == 2);
}

TEST_CASE("a commit that fails fails everybody, is published to nobody, and passes") {
  Callers callers;
  callers.hold();
  auto first = callers.create(1);
  auto second = callers.create(2);
  auto wrong = callers.ask([]() -> Result<int> { return Error{Errc::not_found, "no"}; });
  callers.wait_for_waiting(3);
  callers.disk.full = true;
  callers.open();
  // The batch of the held work may have begun before; what waited goes together.
  CHECK(first.get().error().code == Errc::storage_failed);
  CHECK(second.get().error().code == Errc::storage_failed);
  CHECK(wrong.get().error().code == Errc::not_found);
  CHECK(callers.batches.back().changes.empty());
  CHECK(callers.claims.at.empty());
  CHECK_FALSE(callers.store.healthy());
  callers.disk.full = false;
  CHECK(*callers.create(3).get() == 3);
  CHECK(callers.store.healthy());
  CHECK(callers.claims.at.size() == 1);
}

TEST_CASE("an exception reaches its own caller and nobody else") {
  Callers callers;
  callers.hold();
  auto before = callers.create(1);
  auto bug = callers.ask([&callers]() -> Result<int> {
    CHECK(callers.disk.commit(creation(a_callback(2))).has_value());
    throw std::runtime_error("a bug");
  });
  auto after = callers.create(3);
  callers.wait_for_waiting(3);
  callers.open();
  CHECK(*before.get() == 1);
  CHECK_THROWS_AS(bug.get(), std::runtime_error);
  CHECK(*after.get() == 3);
  CHECK_FALSE(callers.memory->load(callback_id(2)).has_value());
}

TEST_CASE("what is on disk is answered as done, also if telling others fails") {
  Callers callers;
  callers.publishing_fails = true;
  CHECK(*callers.create(1).get() == 1);
  callers.publishing_fails = false;
  CHECK(*callers.create(2).get() == 2);
}

TEST_CASE("a full queue refuses visitors before any work is done, and still serves carriers") {
  Callers callers({.visitor_queue = 2, .carrier_queue = 3, .largest_batch = 512});
  callers.hold();
  auto first = callers.create(1);
  auto second = callers.create(2);
  callers.wait_for_waiting(2);
  std::atomic<bool> ran{false};
  const auto work = [&ran] {
    ran = true;
    return Result<int>(7);
  };
  CHECK(callers.ask(work).get().error().code == Errc::overloaded);
  CHECK_FALSE(ran);
  auto carrier = callers.ask(work, Urgency::carrier);
  callers.wait_for_waiting(3);
  CHECK(callers.ask(work, Urgency::carrier).get().error().code == Errc::overloaded);
  callers.open();
  CHECK(*carrier.get() == 7);
  CHECK(*first.get() == 1);
  CHECK(*second.get() == 2);
}

TEST_CASE("no batch is larger than it may be") {
  Callers callers({.visitor_queue = 100, .carrier_queue = 100, .largest_batch = 2});
  callers.hold();
  std::vector<std::future<Result<int>>> answers;
  for (std::uint32_t n = 1; n <= 5; ++n) answers.push_back(callers.create(n));
  callers.wait_for_waiting(5);
  callers.open();
  for (auto& answer : answers) CHECK(answer.get().has_value());
  REQUIRE(callers.batches.size() == 4);
  CHECK(callers.batches[1].works == 2);
  CHECK(callers.batches[3].works == 1);
}

TEST_CASE("stopping does what waits; who comes later is refused") {
  Callers callers;
  callers.hold();
  auto waiting = callers.create(1);
  callers.wait_for_waiting(1);
  std::thread stopper([&callers] { callers.store.stop(); });
  callers.open();
  stopper.join();
  CHECK(*waiting.get() == 1);
  CHECK(callers.create(2).get().error().code == Errc::overloaded);
}

TEST_CASE("many callers at once all get their own answer") {
  Callers callers;
  std::vector<std::future<Result<int>>> answers;
  for (std::uint32_t n = 1; n <= 500; ++n) answers.push_back(callers.create(n));
  for (std::uint32_t n = 1; n <= 500; ++n) CHECK(*answers[n - 1].get() == static_cast<int>(n));
}

}  // namespace
}  // namespace ringback
