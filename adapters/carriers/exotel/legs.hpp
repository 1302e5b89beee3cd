// A call's details in our words.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

#include "core/domain/event.hpp"

namespace ringback::exotel {

// A leg's or a call's status; a word that nobody knows is a leg of which nothing more is known.
View view_of(std::string_view status);
bool is_status(std::string_view status);  // one of Exotel's own words

// The `Call` of an answer with details; nothing if it is none.
std::optional<Snapshot> read_call(const boost::json::object& call);

}  // namespace ringback::exotel
