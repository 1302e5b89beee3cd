#include "adapters/exchange/instruction_json.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>

namespace ringback::exchange {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestText = 4'096;

// The members of one order; each may be asked for once, and none may be left over.
class Members {
 public:
  explicit Members(const json::object& object) : object_(object) {}

  std::optional<std::string> text(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    const auto& text = value->get_string();
    if (text.size() > kLongestText) return std::nullopt;
    return std::string(text);
  }

  std::optional<int> whole(std::string_view name, int least, int most) {
    const auto* value = find(name);
    if (value == nullptr || !value->is_int64()) return std::nullopt;
    const auto number = value->get_int64();
    if (number < least || number > most) return std::nullopt;
    return static_cast<int>(number);
  }

  bool all_read() const { return read_ == object_.size(); }

 private:
  const json::value* find(std::string_view name) {
    const auto* value = object_.if_contains(name);
    if (value != nullptr) ++read_;
    return value;
  }

  const json::object& object_;
  std::size_t read_ = 0;
};

std::optional<Command> parse_ask(Members& members) {
  auto prompt = members.text("prompt");
  const auto round = members.whole("round", 1, 9);
  const auto wait = members.whole("wait_seconds", 1, 60);
  if (!prompt || !round || !wait) return std::nullopt;
  return Ask{std::move(*prompt), *round, Seconds{*wait}};
}

std::optional<Command> parse_dial(Members& members) {
  const auto number = PhoneNumber::from_e164(members.text("number").value_or(""));
  const auto caller = members.text("caller_id");
  const auto caller_id = PhoneNumber::from_e164(caller.value_or(""));
  const auto ring = members.whole("ring_seconds", 1, 600);
  const auto talk = members.whole("talk_seconds", 1, 14'400);
  if (!number || !caller || (!caller_id && !caller->empty()) || !ring || !talk) return std::nullopt;
  // Optional: only a talk that is recorded has them.
  auto say = members.text("say").value_or("");
  auto announce = members.text("announce").value_or("");
  return Dial{*number,        caller_id.value_or(PhoneNumber{}),
              Seconds{*ring}, Seconds{*talk},
              std::move(say), std::move(announce)};
}

std::optional<Command> parse_say(Members& members) {
  auto text = members.text("text");
  if (!text) return std::nullopt;
  return Say{std::move(*text)};
}

std::optional<Command> parse_end(Members&) { return End{}; }

struct Row {
  std::string_view name;
  std::optional<Command> (*parse)(Members&);
};
constexpr Row kRows[] = {
    {"ask", parse_ask}, {"dial", parse_dial}, {"say", parse_say}, {"hang_up", parse_end}};

}  // namespace

std::optional<Command> parse_command(std::string_view body) {
  boost::system::error_code fault;
  unsigned char room[2'048];
  json::monotonic_resource memory(room, sizeof room);
  const json::value root = json::parse(body, fault, &memory);
  if (fault || !root.is_object() || root.get_object().size() != 1) return std::nullopt;
  const auto& [name, value] = *root.get_object().begin();
  if (!value.is_object()) return std::nullopt;
  for (const auto& row : kRows) {
    if (std::string_view(name.data(), name.size()) != row.name) continue;
    Members members(value.get_object());
    auto command = row.parse(members);
    if (!members.all_read()) return std::nullopt;
    return command;
  }
  return std::nullopt;
}

}  // namespace ringback::exchange
