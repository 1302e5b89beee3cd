#include "adapters/exchange/postman.hpp"

#include <array>

namespace ringback::exchange {
namespace {

constexpr std::array<Millis, 3> kStatusPauses{Millis{1'000}, Millis{5'000}, Millis{20'000}};
constexpr std::array<Millis, 2> kQuestionPauses{Millis{500}, Millis{2'000}};
constexpr Millis kDuplicateWithin{1'000};

std::optional<Millis> pause_after(int tries, bool question) {
  const auto index = static_cast<std::size_t>(tries - 1);
  if (question) {
    if (index < kQuestionPauses.size()) return kQuestionPauses.at(index);
  } else if (index < kStatusPauses.size()) {
    return kStatusPauses.at(index);
  }
  return std::nullopt;
}

std::string hex(const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(2 * digest.size(), '0');
  for (std::size_t i = 0; i < digest.size(); ++i) {
    text[2 * i] = kDigits[digest[i] >> 4U];
    text[2 * i + 1] = kDigits[digest[i] & 15U];
  }
  return text;
}

}  // namespace

void Postman::send(Letter letter, TimePoint now) {
  const bool question = static_cast<bool>(letter.settled);
  if (!question && waiting_ >= kMostWaitingLetters) return;
  const Faults& faults = weather_.faults();
  auto sending = std::make_shared<Sending>();
  sending->letter = std::move(letter);
  ++waiting_;

  const TimePoint due = now + faults.latency + weather_.up_to(faults.reorder);
  if (weather_.strikes(faults.duplicate_rate)) {
    const TimePoint again = due + weather_.up_to(kDuplicateWithin);
    agenda_.at(again, [this, sending](TimePoint at) { deliver(sending, false, at); });
  }
  agenda_.at(due, [this, sending](TimePoint at) { deliver(sending, true, at); });
}

void Postman::deliver(const std::shared_ptr<Sending>& sending, bool counts, TimePoint now) {
  const Letter& letter = sending->letter;
  if (counts) {
    if (sending->done) return;
    ++sending->tries;
    if (weather_.strikes(weather_.faults().drop_rate)) {
      records_.passed(
          {now, "exchange to program", "webhook", letter.summary + " (lost on the way)", 0});
      // A lost status letter is gone for good; a caller on the line waits for an answer.
      if (!letter.settled) return settle(*sending, nullptr, now);
      agenda_.at(now + kWebhookTimeout, [this, sending](TimePoint at) { failed(sending, at); });
      return;
    }
  }

  std::string id = letter.id + '.' + std::to_string(++sending->deliveries);
  const std::string seconds = std::to_string(
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
  const auto signature = hmac_(letter.sign_key, seconds + '.' + letter.url + '.' + letter.body);
  HttpRequest request{"POST",
                      letter.url,
                      {{"Content-Type", "application/json"},
                       {"X-Simulator-Delivery", letter.id},
                       {"X-Simulator-Signature", "t=" + seconds + ",v1=" + hex(signature)}},
                      letter.body};
  open_.emplace(id, Delivery{sending, now, counts});
  agenda_.at(now + kWebhookTimeout, [this, id](TimePoint at) { answered(id, std::nullopt, at); });
  ready_.push_back({std::move(id), std::move(request)});
}

std::vector<OutgoingWebhook> Postman::collect() {
  std::vector<OutgoingWebhook> out;
  out.swap(ready_);
  return out;
}

void Postman::answered(std::string_view id, const std::optional<HttpResponse>& response,
                       TimePoint now) {
  const auto it = open_.find(id);
  if (it == open_.end()) return;  // too late, or never asked
  const Delivery delivery = std::move(it->second);
  open_.erase(it);

  const int status = response ? response->status : 0;
  const auto& sending = delivery.sending;
  if (records_.keeps_events())
    records_.passed(
        {delivery.at, "exchange to program", "webhook", sending->letter.summary, status});
  if (sending->done) return;
  if (status >= 200 && status < 500) return settle(*sending, &*response, now);
  if (delivery.counts) failed(sending, now);
}

void Postman::failed(const std::shared_ptr<Sending>& sending, TimePoint now) {
  if (sending->done) return;
  const auto pause = pause_after(sending->tries, static_cast<bool>(sending->letter.settled));
  if (!pause) return settle(*sending, nullptr, now);
  agenda_.at(now + *pause, [this, sending](TimePoint at) { deliver(sending, true, at); });
}

void Postman::settle(Sending& sending, const HttpResponse* response, TimePoint now) {
  sending.done = true;
  --waiting_;
  if (!sending.letter.settled) return;
  const auto settled = std::move(sending.letter.settled);
  settled(response, now);
}

}  // namespace ringback::exchange
