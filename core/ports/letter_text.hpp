// How values are written into letters and read out of them: percent encoding, forms, Basic.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ringback {

std::string percent_encoded(std::string_view text);  // all but letters, digits and -._~

// application/x-www-form-urlencoded in order, repeats kept; nothing if an escape is broken.
using Fields = std::vector<std::pair<std::string, std::string>>;
std::string form_encoded(const Fields& fields);
std::optional<Fields> form_decoded(std::string_view text);

std::string base64(std::string_view bytes);
std::string basic_authorization(std::string_view user, std::string_view password);

// Of an absolute URL, without port and brackets: "https://api.example:8443/v1" -> "api.example".
std::string_view url_host(std::string_view url);

// Who an account is at its carrier, the same however the address is spelt.
std::string owner_at(std::string_view base_url, std::string_view account);

// Takes the same time wherever the difference is.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace ringback
