// A plain TCP client for tests: says exactly the bytes it is told and reads what comes, each with a
// generous deadline.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ringback::test {

struct Answer {
  int status = 0;
  std::string head;  // with the status line
  std::string body;  // by Content-Length, or chunks put together, or up to the end
  bool complete = false;
  std::string header(std::string_view name) const;  // the first, or empty
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port, const char* address = "127.0.0.1");
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool send(std::string_view bytes);  // false: the peer has closed
  Answer read(bool to_head = false);
  Answer ask(std::string_view bytes) {
    send(bytes);
    return read();
  }
  // Reads until the text has come; false if the peer closes or the deadline passes first.
  bool read_until(std::string_view text);
  bool closed_by_peer();  // waits for the end of the stream, or a reset
  void close();
  void reset();  // closes with RST
  const std::string& unread() const { return in_; }
  int descriptor() const { return socket_; }

 private:
  bool more();
  int socket_ = -1;
  std::string in_;
};

}  // namespace ringback::test
