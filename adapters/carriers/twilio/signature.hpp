// The signature of a webhook: base64 of HMAC-SHA-1 over the URL and, sorted, the form's fields.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/ports/hmac.hpp"
#include "core/ports/http_message.hpp"
#include "core/ports/letter_text.hpp"

namespace ringback::twilio {

// A form as the signer decodes it: a broken escape stands for itself, nothing is trimmed.
Fields form_fields(std::string_view body);

// What is signed of a URL and these fields.
std::string signed_text(std::string_view url, const Fields& fields);

struct SignatureCheck {
  HmacSha1 hmac;
  Sha256 sha256;  // of bodies that are no form
};

// True if `signature` is right under one of the keys, for the URL with or without its port: the
// signer is not consistent about ports. A body that is no form is covered by a hash in the query;
// one that is larger than anything the carrier sends is not looked at.
bool is_signed(const SignatureCheck& check, std::span<const std::string> keys,
               const HttpRequest& request, std::string_view signature);

}  // namespace ringback::twilio
