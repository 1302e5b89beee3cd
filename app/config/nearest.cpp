#include "app/config/nearest.hpp"

#include <algorithm>

namespace ringback {

std::size_t typing_mistakes(std::string_view written, std::string_view meant) {
  const std::size_t columns = meant.size() + 1;
  std::vector<std::size_t> before(columns), last(columns), row(columns);
  for (std::size_t j = 0; j < columns; ++j) last[j] = j;
  for (std::size_t i = 1; i <= written.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j < columns; ++j) {
      const bool same = written[i - 1] == meant[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped =
          i > 1 && j > 1 && written[i - 1] == meant[j - 2] && written[i - 2] == meant[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = last;
    last = row;
  }
  return last.back();
}

std::string nearest(std::string_view written, const std::vector<std::string>& words) {
  std::size_t best = std::max<std::size_t>(2, written.size() / 3) + 1;
  std::string found;
  for (const auto& word : words) {
    const auto mistakes = typing_mistakes(written, word);
    if (mistakes >= best) continue;
    best = mistakes;
    found = word;
  }
  return found;
}

}  // namespace ringback
