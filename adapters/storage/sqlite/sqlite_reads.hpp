// What the store and its readers answer alike: Rows, with SQLite's exceptions turned into Errors.
#pragma once

#include "adapters/storage/sqlite/failure.hpp"
#include "adapters/storage/sqlite/rows.hpp"

namespace ringback::sqlite {

template <class Port>
class SqliteReads : public Port {
 public:
  SqliteReads(const std::string& path, Access access, std::int64_t cache_bytes,
              const Keyring& keyring)
      : connection_(path, access, cache_bytes), rows_(connection_, keyring) {}

  Result<Callback> load(const CallbackId& id) override {
    return safely([&]() -> Result<Callback> { return rows_.load(id); });
  }
  Result<std::optional<CallbackId>> find_visitor_token(const Digest& hash, TimePoint now) override {
    return safely(
        [&]() -> Result<std::optional<CallbackId>> { return rows_.find_visitor_token(hash, now); });
  }
  Result<int> queue_position(const CallbackId& id) override {
    return safely([&]() -> Result<int> { return rows_.queue_position(id); });
  }
  Result<StoreFigures> figures() override {
    return safely([&]() -> Result<StoreFigures> { return rows_.figures(); });
  }
  Result<std::vector<Callback>> list(const CallbackFilter& filter) override {
    return safely([&]() -> Result<std::vector<Callback>> { return rows_.list(filter); });
  }
  Result<std::vector<JournalLine>> journal(const CallbackId& id) override {
    return safely([&]() -> Result<std::vector<JournalLine>> { return rows_.journal(id); });
  }

 protected:
  // A failure of the database inside a batch dooms the batch; a damaged row only its reader.
  virtual void doom(const Error&) {}

  template <class F>
  auto safely(F&& work) -> decltype(work()) {
    try {
      const OneSnapshot snapshot(connection_);
      return work();
    } catch (const SQLite::Exception& failure) {
      const Error error = storage_error(failure);
      doom(error);
      return error;
    } catch (const DamagedRow& damage) {
      return storage_error(damage);
    }
  }

  Connection connection_;
  Rows rows_;

 private:
  // Several statements see one state of the database. Inside a transaction they do already.
  class OneSnapshot {
   public:
    explicit OneSnapshot(Connection& connection)
        : connection_(connection), mine_(!connection.in_transaction()) {
      if (mine_) connection_.exec("BEGIN");
    }
    ~OneSnapshot() {
      if (!mine_ || !connection_.in_transaction()) return;
      try {
        connection_.exec(std::uncaught_exceptions() == 0 ? "COMMIT" : "ROLLBACK");
      } catch (const SQLite::Exception&) {
        // Only reads: there is nothing to lose, and the next BEGIN says what is wrong.
      }
    }
    OneSnapshot(const OneSnapshot&) = delete;
    OneSnapshot& operator=(const OneSnapshot&) = delete;

   private:
    Connection& connection_;
    bool mine_;
  };
};

}  // namespace ringback::sqlite
