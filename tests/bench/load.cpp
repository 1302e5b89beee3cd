// The load generator: clients on kept-alive connections, one thread, epoll.
//
//   bench_load requests --port P --connections N --seconds S --request FILE [--rate R]
//                       [--each-once] [--save FILE]
//   bench_load streams  --port P --connections N --request FILE --trigger FILE
//
// Each client asks again once it has its answer; with --rate requests are made R times a second
// whether answers come or not, each by a client that is free, and are measured from the moment when
// they should have been sent. p50, p99 and max are of answers below 400.
//
// FILE holds whole HTTP requests, separated by a line "%%" (a body has no such line). Several are
// taken in turn; with --each-once no request is sent twice and the run ends when they are used up.
// {phone} and {client} in a request become a number and an address of somebody else each time;
// {brief_phone} is a number of the simulator that hangs up soon. The result is one JSON object on
// standard output. `streams` opens N event streams, says so with a line, waits for a line on
// standard input, sends the trigger and measures when all have heard of it.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPatience =
    std::chrono::seconds(30);  // for what must come: streams, the last answers
constexpr std::size_t kRead = 64 * 1024;

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "bench_load: %s\n", what.c_str());
  std::exit(1);
}

struct Options {
  std::string mode;
  int port = 0;
  int connections = 1;
  double seconds = 2;
  double rate = 0;  // 0: as fast as the answers come
  std::string request;
  std::string trigger;
  std::string save;
  bool each_once = false;
};

Options read_options(int argc, char** argv) {
  if (argc < 2) die("say requests or streams; see the top of tests/bench/load.cpp");
  Options options;
  options.mode = argv[1];
  for (int i = 2; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--each-once") {
      options.each_once = true;
      continue;
    }
    if (i + 1 == argc) die(name + " needs a value");
    const std::string value = argv[++i];
    if (name == "--port")
      options.port = std::stoi(value);
    else if (name == "--connections")
      options.connections = std::stoi(value);
    else if (name == "--seconds")
      options.seconds = std::stod(value);
    else if (name == "--rate")
      options.rate = std::stod(value);
    else if (name == "--request")
      options.request = value;
    else if (name == "--trigger")
      options.trigger = value;
    else if (name == "--save")
      options.save = value;
    else
      die("there is no option " + name);
  }
  if (options.port == 0 || options.request.empty()) die("--port and --request are needed");
  return options;
}

std::vector<std::string> read_requests(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) die("cannot read " + path);
  std::stringstream all;
  all << file.rdbuf();
  const std::string text = all.str();
  constexpr std::string_view kBetween = "\n%%\n";
  std::vector<std::string> requests;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(kBetween, at), text.size());
    requests.push_back(text.substr(at, end - at));
    at = end + kBetween.size();
  }
  if (requests.empty()) die("there is no request in " + path);
  return requests;
}

// Numbers and addresses that are valid and spread as those of many visitors are.
class People {
 public:
  std::string phone() {
    constexpr std::array kAreas{"212", "646", "718", "917", "202", "305", "312", "415",
                                "213", "404", "617", "206", "303", "512", "713", "602",
                                "503", "702", "816", "919", "313", "215", "412", "314",
                                "504", "901", "615", "407", "813", "210"};
    const auto bits = random_();
    char text[16];
    std::snprintf(text, sizeof text, "%s%03u%04u", kAreas[bits % kAreas.size()],
                  static_cast<unsigned>(200 + (bits >> 8U) % 800),
                  static_cast<unsigned>((bits >> 24U) % 10'000));
    return text;
  }
  std::string client() {
    const auto bits = random_();
    const auto octet = [&](unsigned shift) {
      return static_cast<unsigned>((bits >> shift) & 255U);
    };
    char text[16];
    std::snprintf(text, sizeof text, "%u.%u.%u.%u", 11 + octet(0) % 80, octet(8), octet(16),
                  octet(24));
    return text;
  }

 private:
  std::mt19937_64 random_{std::random_device{}()};
};

std::string filled(std::string text, People& people) {
  constexpr std::string_view kPhone = "{phone}";
  constexpr std::string_view kBriefPhone = "{brief_phone}";
  constexpr std::string_view kClient = "{client}";
  if (const auto at = text.find(kClient); at != std::string::npos)
    text.replace(at, kClient.size(), people.client());
  if (const auto at = text.find(kPhone); at != std::string::npos)
    text.replace(at, kPhone.size(), people.phone());
  if (const auto at = text.find(kBriefPhone); at != std::string::npos)
    text.replace(at, kBriefPhone.size(), people.phone().replace(8, 2, "08"));
  return text;
}

int connect_to(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die(std::string("no more sockets: ") + std::strerror(errno));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    return -1;
  }
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

// What of a whole answer stands at the front of `bytes`.
struct Answer {
  std::size_t size = 0;  // 0: not all of it is there
  int status = 0;
  bool closes = false;
};

// Each line once: what reads the answer shall not cost more than what wrote it.
Answer answer_in(std::string_view bytes) {
  Answer answer;
  std::size_t length = 0;
  for (std::size_t at = 0;;) {
    const auto end = bytes.find('\n', at);
    if (end == std::string_view::npos) return {};
    const auto line = bytes.substr(at, end - at);
    at = end + 1;
    if (line == "\r") {
      if (bytes.size() - at < length) return {};
      answer.size = at + length;
      return answer;
    }
    if (answer.status == 0) {
      if (line.size() < 12) return {};
      std::from_chars(line.data() + 9, line.data() + 12, answer.status);
    } else if (line.starts_with('C') || line.starts_with('c')) {
      constexpr std::string_view kLength = "ontent-Length: ";
      constexpr std::string_view kSmallLength = "ontent-length: ";
      const auto rest = line.substr(1);
      if (rest.starts_with(kLength) || rest.starts_with(kSmallLength))
        std::from_chars(rest.data() + kLength.size(), rest.data() + rest.size(), length);
      else if (rest == "onnection: close\r")
        answer.closes = true;
    }
  }
}

struct Client {
  int fd = -1;
  std::string out;
  std::size_t sent = 0;
  std::string in;
  Clock::time_point asked;
};

std::string_view member(std::string_view json, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":\"";
  const auto at = json.find(key);
  if (at == std::string_view::npos) return {};
  const auto from = at + key.size();
  return json.substr(from, json.find('"', from) - from);
}

class RequestRun {
 public:
  explicit RequestRun(Options options)
      : options_(std::move(options)), requests_(read_requests(options_.request)) {
    if (!options_.save.empty()) save_.open(options_.save, std::ios::app);
    clients_.resize(static_cast<std::size_t>(options_.connections));
    latencies_.reserve(1U << 20U);
    patterned_ = requests_.front().find("{client}") != std::string::npos;
  }

  void run() {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    begun_ = Clock::now();
    end_ = begun_ + std::chrono::microseconds(static_cast<std::int64_t>(options_.seconds * 1e6));
    for (auto& client : clients_) open(client);
    begun_ = Clock::now();
    if (options_.rate > 0)
      for (auto& client : clients_) free_.push_back(&client);
    else
      for (auto& client : clients_) ask(client, begun_);
    const auto last = end_ + kPatience;
    std::vector<epoll_event> events(1024);
    while (in_flight_ > 0 || (options_.rate > 0 && Clock::now() < end_)) {
      const int wait = options_.rate > 0 ? 1 : 100;
      ask_in_time();
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait);
      for (int i = 0; i < count; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        serve(*static_cast<Client*>(event.data.ptr), event.events);
      }
      if (Clock::now() > last) {
        errors_ += in_flight_;
        break;
      }
    }
    report();
  }

 private:
  void open(Client& client) {
    client.fd = connect_to(options_.port);
    if (client.fd < 0) die("nobody listens on port " + std::to_string(options_.port));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &client;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.fd, &event);
    client.in.clear();
  }

  void reopen(Client& client) {
    ::close(client.fd);
    open(client);
    ++reconnects_;
  }

  bool next(std::string& out) {
    if (options_.each_once && next_ == requests_.size()) return false;
    const std::string& request = requests_[next_++ % requests_.size()];
    if (!patterned_)
      out = request;
    else
      out = filled(request, people_);
    return true;
  }

  // With a rate: all whose moment has come, as long as there are clients to ask for them.
  void ask_in_time() {
    if (options_.rate <= 0) return;
    const auto now = Clock::now();
    while (!free_.empty()) {
      const auto at = begun_ + std::chrono::nanoseconds(static_cast<std::int64_t>(
                                   1e9 * static_cast<double>(made_) / options_.rate));
      if (at > now || at >= end_) return;
      Client& client = *free_.back();
      free_.pop_back();
      ++made_;
      ask(client, at);
    }
  }

  void again(Client& client, Clock::time_point now) {
    if (options_.rate > 0)
      free_.push_back(&client);
    else
      ask(client, now);
  }

  void ask(Client& client, Clock::time_point asked) {
    client.asked = asked;
    if (client.asked >= end_ || !next(client.out)) return;
    client.sent = 0;
    ++in_flight_;
    push(client);
  }

  // Requests are far smaller than a socket's buffer.
  void push(Client& client) {
    while (client.sent < client.out.size()) {
      const auto size = ::send(client.fd, client.out.data() + client.sent,
                               client.out.size() - client.sent, MSG_NOSIGNAL);
      if (size <= 0) break;
      client.sent += static_cast<std::size_t>(size);
    }
  }

  void serve(Client& client, std::uint32_t) {
    const auto got = ::recv(client.fd, read_.data(), read_.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
      const bool waited = client.sent > 0;
      reopen(client);
      if (!waited) return;
      ++errors_;
      --in_flight_;
      again(client, Clock::now());
      return;
    }
    // Mostly all of it is there at once, and is read where it came in.
    std::string_view bytes(read_.data(), static_cast<std::size_t>(got));
    if (!client.in.empty()) bytes = client.in.append(bytes);
    const Answer answer = answer_in(bytes);
    if (answer.size == 0) {
      if (client.in.empty()) client.in = bytes;
      return;
    }
    const auto now = Clock::now();
    auto& latencies = answer.status < 400 ? latencies_ : refusals_;
    latencies.push_back(static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(now - client.asked).count()));
    last_answer_ = now;
    ++statuses_[answer.status];
    if (answer.status == 503 && bytes.find("\r\nRetry-After: ") >= answer.size) ++speechless_;
    if (save_.is_open() && answer.status == 201)
      save_ << member(bytes, "id") << ' ' << member(bytes, "token") << '\n';
    client.in = bytes.substr(answer.size);
    client.sent = 0;
    --in_flight_;
    if (answer.closes) reopen(client);
    again(client, now);
  }

  static double percentile(std::vector<std::uint32_t>& latencies, double part) {
    if (latencies.empty()) return 0;
    const auto at =
        std::min(latencies.size() - 1,
                 static_cast<std::size_t>(part * static_cast<double>(latencies.size())));
    std::nth_element(latencies.begin(), latencies.begin() + static_cast<std::ptrdiff_t>(at),
                     latencies.end());
    return latencies[at] / 1000.0;
  }

  void report() {
    const std::chrono::duration<double> took = last_answer_ - begun_;
    const auto count = latencies_.size();
    std::printf(
        "{\"requests\":%zu,\"seconds\":%.4f,\"per_second\":%.1f,\"p50_ms\":%.3f,"
        "\"p99_ms\":%.3f,\"max_ms\":%.3f,\"errors\":%zu,\"refused\":%zu,"
        "\"refused_p99_ms\":%.3f,\"refused_without_retry_after\":%zu,"
        "\"reconnects\":%zu,\"statuses\":{",
        count, took.count(), took.count() > 0 ? static_cast<double>(count) / took.count() : 0,
        percentile(latencies_, 0.5), percentile(latencies_, 0.99), percentile(latencies_, 1),
        errors_, refusals_.size(), percentile(refusals_, 0.99), speechless_, reconnects_);
    bool first = true;
    for (const auto& [status, times] : statuses_) {
      std::printf("%s\"%d\":%zu", first ? "" : ",", status, times);
      first = false;
    }
    std::printf("}}\n");
  }

  Options options_;
  std::vector<std::string> requests_;
  bool patterned_ = false;
  People people_;
  std::ofstream save_;
  std::vector<Client> clients_;
  std::vector<Client*> free_;
  std::vector<char> read_ = std::vector<char>(kRead);
  std::vector<std::uint32_t> latencies_;  // microseconds
  std::vector<std::uint32_t> refusals_;
  std::map<int, std::size_t> statuses_;
  int epoll_ = -1;
  std::size_t next_ = 0;
  std::size_t in_flight_ = 0;
  std::size_t errors_ = 0;
  std::size_t made_ = 0;
  std::size_t speechless_ = 0;
  std::size_t reconnects_ = 0;
  Clock::time_point begun_;
  Clock::time_point end_;
  Clock::time_point last_answer_;
};

// ---- event streams -----------------------------------------------------------------------------

class StreamRun {
 public:
  explicit StreamRun(Options options) : options_(std::move(options)) {}

  void run() {
    const std::string request = read_requests(options_.request).front();
    const std::string trigger = read_requests(options_.trigger).front();
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    heard_.assign(static_cast<std::size_t>(options_.connections), 0);
    const auto begun = Clock::now();
    // A few at a time: this measures streams that are open, not a storm of connections.
    constexpr int kAtOnce = 100;
    for (int at = 0; at < options_.connections; ++at) {
      const int fd = connect_to(options_.port);
      if (fd < 0) die("a stream was refused");
      fds_.push_back(fd);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = static_cast<std::uint64_t>(at);
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
      if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) die("a stream was cut");
      if (at % kAtOnce == kAtOnce - 1) wait_until(1, at + 1);
    }
    wait_until(1, options_.connections);
    const std::chrono::duration<double> opening = Clock::now() - begun;
    std::printf("{\"open\":%d,\"seconds\":%.3f}\n", options_.connections, opening.count());
    std::fflush(stdout);
    std::string line;
    std::getline(std::cin, line);

    const int other = connect_to(options_.port);
    times_.clear();
    const auto pulled = Clock::now();
    if (::send(other, trigger.data(), trigger.size(), MSG_NOSIGNAL) < 0) die("no trigger");
    wait_until(2, options_.connections);
    const auto delay = [&](Clock::time_point at) {
      return std::chrono::duration<double, std::milli>(at - pulled).count();
    };
    std::sort(times_.begin(), times_.end());
    std::printf(
        "{\"heard\":%zu,\"closed_early\":%zu,\"first_ms\":%.2f,\"median_ms\":%.2f,"
        "\"last_ms\":%.2f}\n",
        times_.size(), closed_, delay(times_.front()), delay(times_[times_.size() / 2]),
        delay(times_.back()));
  }

 private:
  // Until that many streams have had so many events.
  void wait_until(int events, int streams) {
    const auto deadline = Clock::now() + kPatience;
    std::vector<epoll_event> ready(1024);
    while (std::count_if(heard_.begin(), heard_.end(), [&](int n) { return n >= events; }) <
           streams) {
      if (Clock::now() > deadline) die("not all streams heard of it in time");
      const int count = ::epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), 100);
      for (int i = 0; i < count; ++i) take(ready[static_cast<std::size_t>(i)].data.u64);
    }
  }

  void take(std::size_t stream) {
    char bytes[4096];
    const auto got = ::recv(fds_[stream], bytes, sizeof bytes, MSG_DONTWAIT);
    if (got == 0) {
      ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fds_[stream], nullptr);
      ++closed_;
      return;
    }
    if (got < 0) return;
    const std::string_view text(bytes, static_cast<std::size_t>(got));
    if (text.find("event: status") == std::string_view::npos) return;
    ++heard_[stream];
    times_.push_back(Clock::now());
  }

  Options options_;
  int epoll_ = -1;
  std::vector<int> fds_;
  std::vector<int> heard_;
  std::vector<Clock::time_point> times_;
  std::size_t closed_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const Options options = read_options(argc, argv);
  if (options.mode == "requests")
    RequestRun(options).run();
  else if (options.mode == "streams")
    StreamRun(options).run();
  else
    die("there is no mode " + options.mode);
}
