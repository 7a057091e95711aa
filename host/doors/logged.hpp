// One line of the log for each request that reached a door: what was asked, what was answered, how long it took.
// Never a token: paths below /l/ are cut.
#pragma once

#include <memory>
#include <string>

#include "host/http/application.hpp"
#include "host/log/log.hpp"

namespace postern::doors {

/// What the line says of the request. `clock` and `logger` outlive it.
struct LogLine {
  std::string method, path, address, firm;
  Timestamp begun;
  const Clock* clock = nullptr;
  log::Logger* logger = nullptr;

  void write(int status, std::uint64_t bytes, bool complete) const;
};

/// [any thread]
LogLine log_line(const http::RequestHead& head, std::string firm, const Clock& clock, log::Logger& logger);

/// `exchange` with its answer logged when it was sent. [any thread]
std::unique_ptr<http::Exchange> logged(std::unique_ptr<http::Exchange> exchange, LogLine line);

}  // namespace postern::doors
