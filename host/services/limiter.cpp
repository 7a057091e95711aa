// The limiter of wrong tokens: a leaky count for each address, in a table that never grows.
#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstring>
#include <mutex>

#include "host/crypto/crypto.hpp"
#include "host/services/links.hpp"

namespace postern::services {
namespace {

constexpr std::size_t kSets = 2048;
constexpr std::size_t kPlaces = 8;  // in each set: 16,384 addresses, 256 KiB

struct Place {
  std::uint64_t address = 0;
  std::int64_t until = 0;  // when the count will have leaked away; the place is free from then on
};

/// Mixes all bits of a key (SplitMix64's finaliser).
std::uint64_t mixed(std::uint64_t key) {
  key = (key ^ (key >> 30U)) * 0xBF58476D1CE4E5B9U;
  key = (key ^ (key >> 27U)) * 0x94D049BB133111EBU;
  return key ^ (key >> 31U);
}

std::uint64_t bytes_of(const std::uint8_t* bytes, std::size_t count, std::uint64_t seed) {
  std::uint64_t key = seed;
  for (std::size_t i = 0; i < count; ++i) key = mixed(key ^ bytes[i]);
  return key;
}

/// One number for an IPv4 address (also when it is mapped into IPv6) or an IPv6 network of 64 bits, which is
/// what one household or one machine is given.
std::uint64_t key_of(std::string_view address, std::uint64_t seed) {
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  const std::string text(address.substr(0, std::min(address.find('%'), std::size_t{64})));
  in_addr four{};
  in6_addr six{};
  if (::inet_pton(AF_INET, text.c_str(), &four) == 1) {
    return bytes_of(reinterpret_cast<const std::uint8_t*>(&four), 4, seed);
  }
  if (::inet_pton(AF_INET6, text.c_str(), &six) == 1) {
    const bool mapped = std::memcmp(six.s6_addr, kMapped.data(), kMapped.size()) == 0;
    return mapped ? bytes_of(six.s6_addr + 12, 4, seed) : bytes_of(six.s6_addr, 8, seed + 1);
  }
  return bytes_of(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), seed + 2);
}

}  // namespace

struct WrongTokenLimiter::State {
  explicit State(int per_minute) : step(kMinute / std::max(1, per_minute)) {
    crypto::random(std::as_writable_bytes(std::span(&seed, 1)));
  }

  /// The address's place, or the one in its set that leaks away first. Call with the lock held.
  Place& place_of(std::uint64_t key) {
    auto& set = table[key % kSets];
    Place* soonest = set.data();
    for (Place& place : set) {
      if (place.address == key) return place;
      if (place.until < soonest->until) soonest = &place;
    }
    return *soonest;
  }

  /// How much is counted against the address, in milliseconds until it has leaked away. Never more than a
  /// minute, even when the clock was set back.
  static std::int64_t counted(const Place& place, std::uint64_t key, Timestamp now) {
    if (place.address != key) return 0;
    return std::clamp(place.until - now.ms, std::int64_t{0}, kMinute);
  }

  const std::int64_t step;  // milliseconds that one wrong token counts
  std::uint64_t seed = 0;   // so that nobody can choose addresses of one set
  std::mutex mutex;
  std::array<std::array<Place, kPlaces>, kSets> table{};
};

WrongTokenLimiter::WrongTokenLimiter(int per_minute) : state_(std::make_unique<State>(per_minute)) {}
WrongTokenLimiter::~WrongTokenLimiter() = default;

bool WrongTokenLimiter::may_guess(std::string_view address, Timestamp now) {
  const std::uint64_t key = key_of(address, state_->seed);
  const std::lock_guard lock(state_->mutex);
  return State::counted(state_->place_of(key), key, now) + state_->step <= kMinute;
}

void WrongTokenLimiter::wrong(std::string_view address, Timestamp now) {
  const std::uint64_t key = key_of(address, state_->seed);
  const std::lock_guard lock(state_->mutex);
  Place& place = state_->place_of(key);
  place.until = now.ms + std::min(State::counted(place, key, now) + state_->step, kMinute);
  place.address = key;
}

}  // namespace postern::services
