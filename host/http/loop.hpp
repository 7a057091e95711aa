// What a connection, and the tasks it starts, know of their reactor thread. Keeps Pistache out of everything
// but worker.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "host/http/gate.hpp"
#include "host/http/shared.hpp"
#include "host/http/task.hpp"

namespace postern::http {

class Connection;

class Loop {
 public:
  using Action = BasicTask<Connection*>;

  virtual ~Loop() = default;

  /// Runs `action` on the reactor thread, in the order of posting, with the connection of that id, or with
  /// null when it has ended. Ids are never used twice, descriptors are. [any thread]
  virtual void post(std::uint64_t connection, Action action) = 0;

  // The rest: [reactor thread]
  /// Calls run() again after the other connections had their turn.
  virtual void again(std::uint64_t connection) = 0;
  /// From now on run() is also called when the socket takes bytes again.
  virtual void watch_writing(int descriptor) = 0;
  /// The connection is over: closes its descriptor and destroys it at the end of this turn.
  virtual void ended(std::uint64_t connection) = 0;
  virtual std::int64_t now() const = 0;   // steady milliseconds at the begin of this turn
  virtual std::string_view date() = 0;    // for the Date field
  virtual std::span<char> scratch() = 0;  // 64 KiB to read into, free between calls
  /// Pistache's parser over the canonical request line of a head that passed the gate. False: it does not
  /// agree.
  virtual bool agrees(const ParsedHead& head) = 0;
  virtual Shared& shared() = 0;
};

}  // namespace postern::http
