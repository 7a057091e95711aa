#include "host/services/id.hpp"

#include <array>
#include <atomic>

#include "host/crypto/crypto.hpp"

namespace postern::services {
namespace {

constexpr std::uint64_t kCounterBits = 12;
constexpr std::uint64_t kMostBehind = 10'000;  // milliseconds

// The last moment and count given out, together in one word: milliseconds above 12 bits of counter (RFC 9562
// section 6.2, method 1). It has no destructor, so it may be static.
constinit std::atomic<std::uint64_t> last_given{0};

/// The next moment and count, larger than every one before. A clock that stepped back a little is waited out
/// by counting on from the last moment; one that was set back is followed.
std::uint64_t next_moment(std::uint64_t now, std::uint64_t random) {
  // The counter starts in the lower half of its room, so that a burst seldom runs over into the next
  // millisecond.
  const std::uint64_t fresh = (now << kCounterBits) | (random & 0x3FFU);
  std::uint64_t last = last_given.load();
  std::uint64_t next = 0;
  do {
    const std::uint64_t last_ms = last >> kCounterBits;
    next = last_ms >= now && last_ms - now < kMostBehind ? last + 1 : fresh;
  } while (!last_given.compare_exchange_weak(last, next));
  return next;
}

}  // namespace

std::string new_id(Timestamp now) {
  std::array<std::byte, 16> id;
  crypto::random(id);
  const std::uint64_t random =
      std::to_integer<std::uint64_t>(id[6]) << 8U | std::to_integer<std::uint64_t>(id[7]);
  const std::uint64_t moment = next_moment(static_cast<std::uint64_t>(now.ms), random);
  const std::uint64_t ms = moment >> kCounterBits;
  for (std::size_t i = 0; i < 6; ++i) id[i] = static_cast<std::byte>(ms >> (8 * (5 - i)));
  id[6] = static_cast<std::byte>(0x70U | ((moment >> 8U) & 0x0FU));  // version 7
  id[7] = static_cast<std::byte>(moment);
  id[8] = (id[8] & std::byte{0x3F}) | std::byte{0x80};  // variant 10
  std::string text = crypto::hex(id);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, 1, '-');
  return text;
}

bool is_id(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (hyphen ? c != '-' : !hex) return false;
  }
  return true;
}

}  // namespace postern::services
