#include "tests/app_http/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace ringback::test {

std::string Answer::header(std::string_view name) const {
  std::size_t at = head.find("\r\n");
  while (at != std::string::npos) {
    at += 2;
    const auto end = head.find("\r\n", at);
    if (end == std::string::npos) break;
    const auto line = std::string_view(head).substr(at, end - at);
    const auto colon = line.find(':');
    if (colon == name.size() && ::strncasecmp(line.data(), name.data(), colon) == 0) {
      auto value = line.substr(colon + 1);
      while (value.starts_with(' ')) value.remove_prefix(1);
      return std::string(value);
    }
    at = end;
  }
  return {};
}

RawClient::RawClient(std::uint16_t port, const char* address) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &to.sin_addr);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
    throw std::runtime_error("cannot connect");
  const timeval patience{20, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), in_(std::move(other.in_)) {}

RawClient::~RawClient() { close(); }

void RawClient::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

void RawClient::reset() {
  const linger now{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto size = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

bool RawClient::more() {
  char part[16384];
  const auto size = ::recv(socket_, part, sizeof part, 0);
  if (size <= 0) return false;
  in_.append(part, static_cast<std::size_t>(size));
  return true;
}

bool RawClient::read_until(std::string_view text) {
  while (in_.find(text) == std::string::npos)
    if (!more()) return false;
  in_.erase(0, in_.find(text) + text.size());
  return true;
}

bool RawClient::closed_by_peer() {
  char part[4096];
  for (;;) {
    const auto size = ::recv(socket_, part, sizeof part, 0);
    if (size == 0) return true;
    if (size < 0) return errno == ECONNRESET;
    in_.append(part, static_cast<std::size_t>(size));
  }
}

Answer RawClient::read(bool to_head) {
  Answer answer;
  std::size_t end;
  while ((end = in_.find("\r\n\r\n")) == std::string::npos)
    if (!more()) return answer;
  answer.head = in_.substr(0, end + 2);
  in_.erase(0, end + 4);
  answer.status = std::atoi(answer.head.c_str() + 9);
  if (to_head || answer.status == 204 || answer.status == 304 || answer.status < 200) {
    answer.complete = true;
    return answer;
  }
  if (!answer.header("Content-Length").empty()) {
    const auto size = static_cast<std::size_t>(std::stoul(answer.header("Content-Length")));
    while (in_.size() < size)
      if (!more()) return answer;
    answer.body = in_.substr(0, size);
    in_.erase(0, size);
    answer.complete = true;
  } else if (answer.header("Transfer-Encoding") == "chunked") {
    for (;;) {
      std::size_t line;
      while ((line = in_.find("\r\n")) == std::string::npos)
        if (!more()) return answer;
      const auto size = static_cast<std::size_t>(std::stoul(in_, nullptr, 16));
      while (in_.size() < line + 2 + size + 2)
        if (!more()) return answer;
      answer.body += in_.substr(line + 2, size);
      in_.erase(0, line + 2 + size + 2);
      if (size == 0) break;
    }
    answer.complete = true;
  } else {
    while (more()) {
    }
    answer.body = std::move(in_);
    in_.clear();
    answer.complete = true;
  }
  return answer;
}

}  // namespace ringback::test
