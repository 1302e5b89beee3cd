// What somebody may have meant: the word that is the fewest typing mistakes away.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ringback {

// Missing, extra, wrong and swapped letters, each as one.
std::size_t typing_mistakes(std::string_view written, std::string_view meant);

// Empty when nothing is near enough to be worth saying.
std::string nearest(std::string_view written, const std::vector<std::string>& words);

}  // namespace ringback
