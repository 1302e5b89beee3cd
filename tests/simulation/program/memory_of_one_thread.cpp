// Memory for a program of one thread: what is given back is kept for the next of its size, without
// locks and without looking for neighbours. A simulation asks for some thousand pieces for each
// callback, and a fifth of its time would be spent on that.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t kStep = 16;
constexpr std::size_t kLargest = 4096;  // larger ones are asked of the system
constexpr std::size_t kPortion = 1 << 20;

// In front of each piece; as large as what must be aligned.
struct alignas(kStep) Head {
  std::size_t steps;  // 0: of the system
};
struct Free {
  Free* next;
};

Free* kept[kLargest / kStep + 1] = {};
std::byte* fresh = nullptr;
std::size_t left = 0;

void* system_memory(std::size_t size) {
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* take(std::size_t size) {
  const std::size_t steps = size == 0 ? 1 : (size + kStep - 1) / kStep;
  if (size > kLargest) {
    auto* head = static_cast<Head*>(system_memory(size + sizeof(Head)));
    head->steps = 0;
    return head + 1;
  }
  if (Free* const piece = kept[steps]) {
    kept[steps] = piece->next;
    return piece;
  }
  const std::size_t whole = steps * kStep + sizeof(Head);
  if (left < whole) {
    fresh = static_cast<std::byte*>(system_memory(kPortion));
    left = kPortion;
  }
  auto* head = reinterpret_cast<Head*>(fresh);
  fresh += whole;
  left -= whole;
  head->steps = steps;
  return head + 1;
}

void give_back(void* memory) {
  if (memory == nullptr) return;
  Head* const head = static_cast<Head*>(memory) - 1;
  if (head->steps == 0) return std::free(head);
  auto* const piece = static_cast<Free*>(memory);
  piece->next = kept[head->steps];
  kept[head->steps] = piece;
}

}  // namespace

void* operator new(std::size_t size) { return take(size); }
void* operator new[](std::size_t size) { return take(size); }
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete[](void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }
void operator delete[](void* memory, std::size_t) noexcept { give_back(memory); }
