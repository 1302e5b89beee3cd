// The composition root: configuration -> adapters -> use cases -> threads -> server. The only place
// that knows every part.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/config/config.hpp"
#include "core/domain/result.hpp"
#include "core/ports/keyring.hpp"

namespace ringback {

class Service {
 public:
  // Everything that can be wrong before a socket is opened is said at once.
  static Result<std::unique_ptr<Service>> assemble(const LoadedConfig& loaded, std::string version,
                                                   std::vector<std::string>& problems);
  ~Service();

  Result<void> start();
  // Stops accepting, finishes what runs, commits what came; within ten seconds.
  void stop();

  std::vector<std::string> addresses() const;  // "127.0.0.1:8501"

 private:
  struct Parts;
  explicit Service(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// What this configuration's secret key opens; made and stored if there is none yet.
Result<std::unique_ptr<Keyring>> open_keyring(const Config& config);

// Opens the store once, which brings its schema up to date, and closes it again.
Result<void> migrate_storage(const Config& config, const std::string& version);

// Where the secret key of a SQLite set-up lies, if the configuration does not hold it.
std::string secret_key_path(const Config& config);

}  // namespace ringback
