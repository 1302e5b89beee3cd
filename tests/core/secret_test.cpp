#include "core/domain/secret.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "core/domain/token.hpp"

using namespace ringback;

TEST_CASE("a secret does not print itself", "[secret]") {
  const Secret secret("correct horse");
  std::ostringstream out;
  out << secret;
  CHECK(out.str() == "***");
  CHECK(fmt::format("{}", secret) == "***");
  CHECK(secret.reveal() == "correct horse");
}

TEST_CASE("a secret wipes what it leaves behind", "[secret]") {
  Secret from("short");  // small enough to live inside the object
  const char* const kept = from.reveal().data();
  const Secret into(std::move(from));
  CHECK(into.reveal() == "short");
  CHECK(from.empty());  // NOLINT(bugprone-use-after-move): that is the promise
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.InnerPointer): looking there is the test
  CHECK(std::string_view(kept, 5) == std::string_view("\0\0\0\0\0", 5));

  alignas(Secret) unsigned char room[sizeof(Secret)];
  auto* placed = new (room) Secret("geheim");
  const volatile char* bytes = placed->reveal().data();
  placed->~Secret();
  for (int i = 0; i < 6; ++i) CHECK(bytes[i] == '\0');
}

TEST_CASE("secrets are equal in all their bytes or not at all", "[secret]") {
  CHECK(Secret("a") == Secret("a"));
  CHECK_FALSE(Secret("a") == Secret("b"));
  CHECK_FALSE(Secret("a") == Secret("ab"));
  Secret copy;
  const Secret original("x");
  copy = original;
  CHECK(copy == original);
  copy = Secret("y");
  CHECK(copy.reveal() == "y");
}

TEST_CASE("text that is not a token opens nothing", "[token]") {
  const std::string good = token_text(IdBytes{});
  for (const std::string& text : {std::string(), good.substr(1), good + "A", std::string(22, '+'),
                                  std::string(21, 'A') + "=", std::string(21, 'A') + "B"})
    CHECK_FALSE(token_bytes(text));
  CHECK(token_bytes(good) == IdBytes{});
}

TEST_CASE("a token is its bytes in 22 characters fit for a URL", "[token]") {
  const IdBytes bytes{0xff, 0xfe, 0xfd, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xa0, 0xb0, 0xc1};
  const std::string text = token_text(bytes);
  CHECK(text == "__79AAECAwQFBgcICaCwwQ");
  CHECK(token_bytes(text) == bytes);
}
