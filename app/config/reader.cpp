#include "app/config/reader.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>

#include "app/config/nearest.hpp"

namespace ringback {
namespace {

constexpr std::size_t kLongestSecretFile = 65536;
constexpr std::string_view kFileSuffix = "_file";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// ---- one overload for each type: the value, or what was wanted ---------------------------------

template <class Number>
std::optional<Number> parsed(std::string_view text) {
  text = trimmed(text);
  Number number{};
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

std::string read(const Setting& setting, bool& out) {
  if (const auto* flag = std::get_if<bool>(&setting.value.value)) {
    out = *flag;
    return {};
  }
  if (setting.is_text) {
    const auto word = trimmed(std::get<std::string>(setting.value.value));
    if (word == "true" || word == "false") {
      out = word == "true";
      return {};
    }
  }
  return "must be true or false";
}

std::string read(const Setting& setting, std::string& out) {
  const auto* text = std::get_if<std::string>(&setting.value.value);
  if (!text) return "must be a text in quotes";
  if (text->find('\0') != std::string::npos) return "must not hold a NUL";
  out = *text;
  return {};
}

std::string read(const Setting& setting, std::int64_t& out) {
  std::optional<std::int64_t> number;
  if (const auto* whole = std::get_if<std::int64_t>(&setting.value.value)) number = *whole;
  if (setting.is_text) number = parsed<std::int64_t>(std::get<std::string>(setting.value.value));
  if (!number) return "must be a whole number";
  out = *number;
  return {};
}

std::string read(const Setting& setting, double& out) {
  std::optional<double> number;
  if (const auto* whole = std::get_if<std::int64_t>(&setting.value.value))
    number = static_cast<double>(*whole);
  if (const auto* fraction = std::get_if<double>(&setting.value.value)) number = *fraction;
  if (setting.is_text) number = parsed<double>(std::get<std::string>(setting.value.value));
  if (!number || !std::isfinite(*number)) return "must be a number";
  out = *number;
  return {};
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    if (const auto item = trimmed(text.substr(0, comma)); !item.empty()) items.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

std::string read(const Setting& setting, std::vector<std::string>& out) {
  if (const auto* text = std::get_if<std::string>(&setting.value.value)) {
    out = setting.is_text ? split_at_commas(*text) : std::vector{*text};
    return {};
  }
  constexpr auto kWanted = "must be a text or a list of texts";
  const auto* list = std::get_if<SettingList>(&setting.value.value);
  if (!list) return kWanted;
  std::vector<std::string> items;
  for (const auto& item : *list) {
    const auto* text = std::get_if<std::string>(&item.value);
    if (!text) return kWanted;
    items.push_back(*text);
  }
  out = std::move(items);
  return {};
}

std::string read(const Setting& setting, std::vector<double>& out) {
  constexpr auto kWanted = "must be a list of numbers";
  std::vector<double> numbers;
  if (setting.is_text) {
    for (const auto& word : split_at_commas(std::get<std::string>(setting.value.value))) {
      const auto number = parsed<double>(word);
      if (!number || !std::isfinite(*number)) return kWanted;
      numbers.push_back(*number);
    }
  } else if (const auto* list = std::get_if<SettingList>(&setting.value.value)) {
    for (const auto& item : *list) {
      double number = 0;
      if (!read(Setting{.value = item, .origin = {}}, number).empty()) return kWanted;
      numbers.push_back(number);
    }
  } else {
    return kWanted;
  }
  out = std::move(numbers);
  return {};
}

SettingValue shown_value(bool value) { return {value}; }
SettingValue shown_value(const std::string& value) { return {value}; }
SettingValue shown_value(std::int64_t value) { return {value}; }
SettingValue shown_value(double value) {
  if (std::floor(value) == value && std::abs(value) < 1e15) return {std::int64_t(value)};
  return {value};
}
template <class T>
SettingValue shown_value(const std::vector<T>& items) {
  SettingList list;
  for (const auto& item : items) list.push_back(shown_value(item));
  return {std::move(list)};
}

Millis as_millis(double units, Millis unit) {
  return Millis(std::llround(units * static_cast<double>(unit.count())));
}
double in_units(Millis span, Millis unit) {
  return static_cast<double>(span.count()) / static_cast<double>(unit.count());
}

bool inside(double value, Range range) { return value >= range.low && value <= range.high; }

std::string out_of(Range range) {
  return fmt::format("must be from {} to {}", range.low, range.high);
}

// "postgresql://user:***@host/db": an address is shown, the password in it is not.
std::string without_password(const std::string& text) {
  const auto scheme = text.find("://");
  if (scheme == std::string::npos) return text;
  const auto at = text.find('@', scheme);
  const auto colon = text.find(':', scheme + 3);
  if (at == std::string::npos || colon == std::string::npos || colon > at) return text;
  return text.substr(0, colon + 1) + "***" + text.substr(at);
}

}  // namespace

SettingsReader::SettingsReader(Settings file, Settings environment, std::string file_name)
    : file_(std::move(file)),
      environment_(std::move(environment)),
      file_name_(std::move(file_name)) {}

const Setting* SettingsReader::find(const std::string& key) const {
  for (const auto* source : {&environment_, &file_}) {
    if (const auto it = source->values.find(key); it != source->values.end()) return &it->second;
  }
  return nullptr;
}

std::string SettingsReader::where(const std::string& key) const {
  if (const auto* setting = find(key)) return setting->origin;
  if (const auto* path = find(key + std::string(kFileSuffix))) return path->origin;
  if (const auto table = file_.tables.find(key); table != file_.tables.end()) return table->second;
  return file_name_;
}

void SettingsReader::problem(const std::string& key, std::string_view what) {
  problems_.push_back(fmt::format("{}: {}: {}", where(key), key, what));
}

void SettingsReader::warn(const std::string& key, std::string_view what) {
  warnings_.push_back(fmt::format("{}: {}: {}", where(key), key, what));
}

void SettingsReader::show(const std::string& key, std::string value, std::string usual,
                          bool secret) {
  const auto* setting = find(key);
  shown_.push_back({.key = key,
                    .value = std::move(value),
                    .default_value = std::move(usual),
                    .origin = setting ? setting->origin : "default",
                    .secret = secret});
}

template <class T>
void SettingsReader::take(const std::string& key, T& field) {
  const T usual = field;
  if (const auto* setting = find(key)) {
    if (const auto wrong = read(*setting, field); !wrong.empty()) {
      problem(key, wrong);
      field = usual;
    }
  }
  show(key, toml_text(shown_value(field)), toml_text(shown_value(usual)));
}

template <class T>
void SettingsReader::take_in(const std::string& key, T& field, Range range) {
  const T usual = field;
  take(key, field);
  if (inside(static_cast<double>(field), range)) return;
  problem(key, out_of(range));
  field = usual;
}

void SettingsReader::flag(const std::string& key, bool& field) { take(key, field); }

void SettingsReader::text(const std::string& key, std::string& field) {
  take(key, field);
  shown_.back().value = without_password(shown_.back().value);
}

void SettingsReader::list(const std::string& key, std::vector<std::string>& field) {
  take(key, field);
}

void SettingsReader::number(const std::string& key, int& field, Range range) {
  std::int64_t number = field;
  take_in(key, number, range);
  field = static_cast<int>(number);
}

void SettingsReader::number(const std::string& key, double& field, Range range) {
  take_in(key, field, range);
}

void SettingsReader::seconds(const std::string& key, Seconds& field, Range range) {
  std::int64_t number = field.count();
  take_in(key, number, range);
  field = Seconds(number);
}

void SettingsReader::span(const std::string& key, Millis& field, Millis unit, Range range) {
  double units = in_units(field, unit);
  take_in(key, units, range);
  field = as_millis(units, unit);
}

void SettingsReader::spans(const std::string& key, std::vector<Millis>& field, Millis unit,
                           Range range) {
  std::vector<double> units;
  units.reserve(field.size());
  for (const auto span : field) units.push_back(in_units(span, unit));
  take(key, units);
  if (!std::all_of(units.begin(), units.end(), [&](double u) { return inside(u, range); })) {
    problem(key, "each " + out_of(range));
    return;
  }
  field.clear();
  for (const auto u : units) field.push_back(as_millis(u, unit));
}

std::size_t SettingsReader::choose(const std::string& key, std::size_t usual,
                                   const std::vector<std::string>& words) {
  std::string word = words[usual];
  take(key, word);
  const auto found = std::find(words.begin(), words.end(), word);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  const auto meant = nearest(word, words);
  problem(key, fmt::format("must be one of \"{}\"{}", fmt::join(words, "\", \""),
                           meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant)));
  return usual;
}

void SettingsReader::word(const std::string& key, std::string& field, std::string_view words) {
  std::vector<std::string> choices;
  std::size_t usual = 0;
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    choices.emplace_back(words.substr(0, end));
    if (choices.back() == field) usual = choices.size() - 1;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  field = choices[choose(key, usual, choices)];
}

std::optional<std::string> SettingsReader::read_secret_file(const std::string& key,
                                                            const Setting& setting) {
  std::string path;
  if (const auto wrong = read(setting, path); !wrong.empty() || path.empty()) {
    problem(key, "its _file must be a path");
    return std::nullopt;
  }
  struct stat about {};
  std::ifstream in(path, std::ios::binary);
  if (!in || ::stat(path.c_str(), &about) != 0 || S_ISDIR(about.st_mode)) {
    problem(key, fmt::format("cannot read the file {}; check that it exists and that this user "
                             "may read it",
                             path));
    return std::nullopt;
  }
  std::string text(kLongestSecretFile + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kLongestSecretFile) {
    problem(key, fmt::format("the file {} is longer than {} bytes; it cannot be the secret", path,
                             kLongestSecretFile));
    return std::nullopt;
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (text.empty()) {
    problem(key, fmt::format("the file {} is empty; write the secret into it", path));
    return std::nullopt;
  }
  if (about.st_mode & S_IROTH)
    warn(key, fmt::format("every user of this machine can read {}; chmod 600 it", path));
  return text;
}

void SettingsReader::secret(const std::string& key, Secret& field) {
  const std::string file_key = key + std::string(kFileSuffix);
  shown_.push_back(
      {.key = key, .value = "\"\"", .default_value = "\"\"", .origin = "default", .secret = true});
  auto& shown = shown_.back();
  for (const auto* source : {&environment_, &file_}) {
    const auto direct = source->values.find(key);
    const auto path = source->values.find(file_key);
    if (direct == source->values.end() && path == source->values.end()) continue;
    if (direct != source->values.end() && path != source->values.end()) {
      problem(key, "is set itself and by its _file; remove one of the two");
      return;
    }
    std::string text;
    if (path != source->values.end()) {
      auto read_text = read_secret_file(key, path->second);
      if (!read_text) return;
      text = *std::move(read_text);
      std::string name;
      read(path->second, name);
      shown.origin = fmt::format("file {} ({})", name, path->second.origin);
    } else {
      if (const auto wrong = read(direct->second, text); !wrong.empty()) {
        problem(key, wrong);
        return;
      }
      shown.origin = direct->second.origin;
    }
    if (!text.empty()) shown.value = "\"***\"";
    field = Secret(std::move(text));
    return;
  }
}

void SettingsReader::later(const std::string& key, const SettingValue& usual,
                           std::string_view part) {
  SettingValue value = usual;
  if (const auto* setting = find(key)) {
    const auto convert = [&](auto typed) {
      auto wrong = read(*setting, typed);
      if (wrong.empty()) value = shown_value(typed);
      return wrong;
    };
    std::string wrong;
    if (std::holds_alternative<bool>(usual.value)) {
      wrong = convert(bool{});
    } else if (std::holds_alternative<std::int64_t>(usual.value)) {
      wrong = convert(std::int64_t{});
    } else if (std::holds_alternative<std::string>(usual.value)) {
      wrong = convert(std::string{});
    } else if (std::holds_alternative<std::string>(setting->value.value)) {
      wrong = convert(std::vector<std::string>{});
    } else {
      value = setting->value;
    }
    if (!wrong.empty()) {
      problem(key, wrong);
    } else if (!(value == usual)) {
      problem(key, fmt::format("{} is not part of this version and nothing was switched on; remove "
                               "the key or leave it at {}",
                               part, toml_text(usual)));
    }
  }
  show(key, toml_text(value), toml_text(usual));
}

void SettingsReader::later_secret(const std::string& key, std::string_view part) {
  Secret ignored;
  secret(key, ignored);
  if (ignored.empty()) return;
  problem(key, fmt::format("{} is not part of this version and nothing was switched on; remove the "
                           "key",
                           part));
}

std::vector<std::string> SettingsReader::tables(const std::string& prefix) const {
  std::vector<std::string> names;
  const auto add = [&](std::string_view key, bool is_table) {
    if (!key.starts_with(prefix + ".")) return;
    key.remove_prefix(prefix.size() + 1);
    const auto dot = key.find('.');
    if (dot == std::string_view::npos && !is_table) return;
    const std::string name(key.substr(0, dot));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const auto* source : {&file_, &environment_}) {
    for (const auto& [key, origin] : source->tables) add(key, true);
    for (const auto& [key, setting] : source->values) add(key, false);
  }
  return names;
}

std::vector<std::string> SettingsReader::finish() {
  std::vector<std::string> known;
  for (const auto& shown : shown_) known.push_back(shown.key);
  const auto asked_for = [&](std::string_view key) {
    return std::any_of(shown_.begin(), shown_.end(), [&](const ShownSetting& shown) {
      return key == shown.key || (shown.secret && key.ends_with(kFileSuffix) &&
                                  key.substr(0, key.size() - kFileSuffix.size()) == shown.key);
    });
  };
  const auto is_known_table = [&](const std::string& name) {
    return std::any_of(known.begin(), known.end(),
                       [&](const std::string& key) { return key.starts_with(name + "."); });
  };
  const auto unknown = [&](const std::string& key, const std::string& origin) {
    if (is_known_table(key)) {
      problems_.push_back(
          fmt::format("{}: {}: is a table, not a value; write [{}] and its keys "
                      "below it",
                      origin, key, key));
      return;
    }
    const auto meant = nearest(key, known);
    problems_.push_back(
        fmt::format("{}: {}: nobody knows this key; {}", origin, key,
                    meant.empty() ? "remove it" : fmt::format("did you mean {}?", meant)));
  };
  for (const auto* source : {&file_, &environment_}) {
    for (const auto& [key, setting] : source->values) {
      if (!asked_for(key)) unknown(key, setting.origin);
    }
    for (const auto& [name, origin] : source->tables) {
      const auto inner = source->values.lower_bound(name + ".");
      const bool empty = inner == source->values.end() || !inner->first.starts_with(name + ".");
      if (empty && !is_known_table(name) && name != "sign_in" && name != "carrier")
        unknown(name, origin);
    }
  }
  return problems_;
}

}  // namespace ringback
