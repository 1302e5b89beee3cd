// SettingsReader: takes typed values out of the sources, and remembers what it was asked for.
//
// Each take() names one key; the field it is given holds the default and keeps it when no source
// speaks. The environment is over the file. Nothing throws and nothing stops at the first mistake:
// problems pile up and finish() adds every key that nobody asked for.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/config/settings.hpp"
#include "core/domain/secret.hpp"
#include "core/domain/time.hpp"

namespace ringback {

// One line of `ringback config show`.
struct ShownSetting {
  std::string key;
  std::string value;          // as TOML; a secret as "***"
  std::string default_value;  // the same
  std::string origin;         // "default", "FILE:LINE", "environment NAME", "file PATH (…)"
  bool secret = false;
};

struct Range {
  double low;
  double high;
};

class SettingsReader {
 public:
  // `file_name` is where a reader of the problems should look for what is not set.
  SettingsReader(Settings file, Settings environment, std::string file_name);

  void flag(const std::string& key, bool& field);
  void text(const std::string& key, std::string& field);
  void number(const std::string& key, int& field, Range range);
  void number(const std::string& key, double& field, Range range);
  void seconds(const std::string& key, Seconds& field, Range range);  // whole seconds
  // A span in seconds or minutes, fractions allowed, kept in milliseconds.
  void span(const std::string& key, Millis& field, Millis unit, Range range);
  void spans(const std::string& key, std::vector<Millis>& field, Millis unit, Range range);
  // One text stands for a list of one.
  void list(const std::string& key, std::vector<std::string>& field);
  // From the key itself or from the file that `<key>_file` names.
  void secret(const std::string& key, Secret& field);

  template <class Enum>
  struct Choice {
    const char* word;
    Enum value;
  };
  template <class Enum>
  void choice(const std::string& key, Enum& field, const std::vector<Choice<Enum>>& choices) {
    std::vector<std::string> words;
    std::size_t chosen = 0;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      words.emplace_back(choices[i].word);
      if (choices[i].value == field) chosen = i;
    }
    field = choices[choose(key, chosen, words)].value;
  }

  // One of the words that stand, with a space between them, in `words`.
  void word(const std::string& key, std::string& field, std::string_view words);

  // A key that has its name and its default, but whose part is not built: any other value is
  // refused, so that nobody believes it works.
  void later(const std::string& key, const SettingValue& usual, std::string_view part);
  void later_secret(const std::string& key, std::string_view part);

  // The names of the tables below a key: "carrier" -> {"simulator"}.
  std::vector<std::string> tables(const std::string& prefix) const;
  bool is_set(const std::string& key) const { return find(key) != nullptr; }

  // "FILE:LINE", "environment NAME", or the file's name when nobody set the key.
  std::string where(const std::string& key) const;
  void problem(const std::string& key, std::string_view what);
  void warn(const std::string& key, std::string_view what);

  std::vector<std::string> finish();
  const std::vector<std::string>& warnings() const { return warnings_; }
  const std::vector<ShownSetting>& shown() const { return shown_; }

 private:
  const Setting* find(const std::string& key) const;
  std::size_t choose(const std::string& key, std::size_t usual,
                     const std::vector<std::string>& words);
  template <class T>
  void take(const std::string& key, T& field);
  template <class T>
  void take_in(const std::string& key, T& field, Range range);
  void show(const std::string& key, std::string value, std::string usual, bool secret = false);
  std::optional<std::string> read_secret_file(const std::string& key, const Setting& path);

  Settings file_;
  Settings environment_;
  std::string file_name_;
  std::vector<ShownSetting> shown_;
  std::vector<std::string> problems_;
  std::vector<std::string> warnings_;
};

}  // namespace ringback
