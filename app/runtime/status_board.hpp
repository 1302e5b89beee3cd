// The newest status document of the callbacks that somebody looks at, and who waits for the next.
//
// Commits publish into it, GET and SSE read from it; what it does not know is read from the store.
// Bounded: documents nobody watches are forgotten, the least recently used first. Thread-safe.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/http/wakeup.hpp"
#include "core/domain/callback.hpp"

namespace ringback {

// One version of a callback, as it is shown. Most versions are looked at by nobody, so the text is
// written when somebody first looks, and by whoever does.
class StatusDocument {
 public:
  std::int64_t version = 0;
  bool is_final = false;
  bool fleeting = false;  // says something that no commit will correct (a place in the queue)
  mutable std::function<std::string()> write;  // called once, from any thread

  const std::string& json() const {
    std::call_once(written_, [this] {
      json_ = write();
      write = nullptr;
    });
    return json_;
  }

 private:
  mutable std::once_flag written_;
  mutable std::string json_;
};
using SharedStatus = std::shared_ptr<const StatusDocument>;

class StatusBoard {
 public:
  explicit StatusBoard(std::size_t most = 20'000) : most_(most) {}

  SharedStatus find(const CallbackId& id);
  // Keeps the newer one, and rings whoever watches.
  void publish(const CallbackId& id, SharedStatus document);

  // For what is read from the store: expect() first, then read, then offer(). A commit between the
  // two publishes, and wins; offer() gives the newer of both.
  void expect(const CallbackId& id);
  SharedStatus offer(const CallbackId& id, SharedStatus document);

  // A bell that rings with each new version, for as long as it lives.
  void watch(const CallbackId& id, const std::shared_ptr<http::Wakeup>& bell);
  std::size_t watchers();

  // Is somebody interested: is there a document, an expectation or a bell?
  bool knows(const CallbackId& id);

  // Which token opens which callback, once the store has said so. Tokens are never taken back.
  bool knows_token(const Digest& token, const CallbackId& id);
  void remember_token(const Digest& token, const CallbackId& id);

 private:
  struct Entry {
    CallbackId id;
    SharedStatus document;
    std::vector<std::weak_ptr<http::Wakeup>> bells;
  };
  using Entries = std::list<Entry>;  // whoever was used last is first

  struct DigestHash {
    std::size_t operator()(const Digest& digest) const {
      std::size_t hash = 0;
      // The end is as good as random; the beginning may be a time.
      std::memcpy(&hash, digest.data() + digest.size() - sizeof hash, sizeof hash);
      return hash;
    }
  };

  Entry& entry(const CallbackId& id);
  void forget_oldest();

  std::size_t most_;
  std::mutex mutex_;
  Entries entries_;
  std::unordered_map<CallbackId, Entries::iterator> by_id_;
  std::unordered_map<Digest, CallbackId, DigestHash> tokens_;
};

}  // namespace ringback
