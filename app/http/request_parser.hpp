// The guard: one request's head and chunked body, read strictly. Beast's parser knows the grammar;
// everything it tolerates and a proxy in front may understand differently (two lengths, folded
// lines, odd transfer codings, trailers, foreign hosts, tricky paths) is refused here.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/http/limits.hpp"
#include "app/http/message.hpp"

namespace ringback::http {

// Why a request is not read. After any of these the connection is closed.
struct Refusal {
  ProblemCode code = ProblemCode::bad_request;
  int status = 400;
  std::string_view detail;
};

struct HeadScan {
  enum class State { incomplete, complete, bad } state = State::incomplete;
  std::size_t size = 0;     // of a complete head, with its empty line
  std::size_t resume = 0;   // where to go on scanning when more bytes are there
  std::string_view detail;  // what is bad
};

// Looks at raw bytes for the end of the head and for what a parser no longer shows: bare line feeds,
// folded lines, bytes that do not belong in a start line.
HeadScan scan_head(std::string_view bytes, std::size_t resume = 0);

// Which names the server answers to.
struct HostRule {
  std::vector<std::string> names;  // lower case, without port; IPv6 in brackets
  bool allows(std::string_view host_and_port, bool loopback_peer, const IpAddress& local) const;
};

// The names of public_url and of the listen addresses; localhost too if one of them is loopback.
HostRule host_rule(std::string_view public_url, const std::vector<std::string>& listen);

class RequestParser : private boost::beast::http::basic_parser<true> {
  using Base = boost::beast::http::basic_parser<true>;

 public:
  // The vector and the string are the connection's, so that their memory is used again.
  RequestParser(std::vector<Header>& headers, std::string& decoded_path);

  // bytes is what scan_head found complete. Fills method, target, path, query, host and headers.
  std::optional<Refusal> read_head(std::string_view bytes, const Limits& limits, Request& request);

  bool wants_continue() const { return wants_continue_; }
  bool is_chunked() const { return Base::chunked(); }
  std::size_t content_length() const { return content_length_; }
  bool keep_alive() const { return http11_ && Base::keep_alive(); }
  bool http11() const { return http11_; }

  struct Chunks {
    std::size_t consumed = 0;
    bool done = false;
    std::optional<Refusal> refusal;
  };
  // Reads chunks from the front of bytes and appends their data to body. What is left over must be
  // given again, followed by more.
  Chunks read_chunks(std::string_view bytes, std::size_t limit, std::string& body);

 private:
  using Code = boost::beast::error_code;
  using View = boost::beast::string_view;
  void on_request_impl(boost::beast::http::verb, View method, View target, int version,
                       Code&) override;
  void on_response_impl(int, View, int, Code&) override {}
  void on_field_impl(boost::beast::http::field, View name, View value, Code&) override;
  void on_header_impl(Code&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, Code&) override {}
  std::size_t on_body_impl(View body, Code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t size, View extensions, Code&) override;
  std::size_t on_chunk_body_impl(std::uint64_t, View body, Code&) override;
  void on_finish_impl(Code&) override {}

  std::optional<Refusal> check_framing();
  std::optional<Refusal> check_target(Request& request);

  std::vector<Header>& headers_;
  std::string& decoded_path_;
  std::string_view method_;
  std::string_view target_;
  std::string_view transfer_encoding_;
  std::string_view length_text_;
  std::string_view host_;
  std::string_view expect_;
  std::size_t transfer_encodings_ = 0;
  std::size_t lengths_ = 0;
  std::size_t hosts_ = 0;
  std::size_t content_length_ = 0;
  std::size_t field_limit_ = 0;
  std::size_t extension_bytes_ = 0;
  std::size_t body_limit_ = 0;
  std::string* body_ = nullptr;
  bool announces_trailers_ = false;
  bool too_many_fields_ = false;
  bool head_done_ = false;
  bool has_trailers_ = false;
  bool too_large_ = false;
  bool http11_ = false;
  bool wants_continue_ = false;
};

}  // namespace ringback::http
