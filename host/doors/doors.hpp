// The application behind the server: finds the firm by host name and the door by path, and answers what is nobody's.
//
//   /healthz /readyz       the process, whatever the host name
//   /assets/NAME           styles and scripts under hashed names
//   /l/TOKEN/…             the recipient door
//   /api/…                 the staff API
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/doors/observations.hpp"
#include "host/firm/firm.hpp"
#include "host/http/application.hpp"
#include "host/log/log.hpp"
#include "host/web/assets.hpp"

namespace postern::doors {

/// One firm with what its doors need.
struct Entrance {
  firm::Firm* firm = nullptr;
  std::unique_ptr<Observations> observations;
};

/// [reactor and action threads, concurrent] after construction.
class Doors final : public http::Application {
 public:
  using StaffDoor = std::unique_ptr<http::Exchange> (*)(firm::Firm& firm, http::RequestHead head);

  using StaffRefusal = http::Response (*)(int status, std::string_view reason);

  /// Everything outlives the doors. `staff` takes what is below /api; `staff_refusal` words what the server itself
  /// refuses there (null: one line of text).
  Doors(const std::vector<std::unique_ptr<firm::Firm>>& firms, const web::Assets& assets, StaffDoor staff,
        log::Logger& logger, StaffRefusal staff_refusal = nullptr);
  ~Doors() override;

  std::unique_ptr<http::Exchange> begin(http::RequestHead head) override;
  http::Response error(int status, const std::string& reason, const http::RequestHead* head) override;

  /// /readyz says 200 while true. False from the start of the drain on.
  void set_ready(bool ready) { ready_ = ready; }

 private:
  Entrance* entrance(const std::string& host);

  std::vector<std::unique_ptr<Entrance>> entrances_;
  std::map<std::string, Entrance*, std::less<>> by_host_;
  const web::Assets& assets_;
  StaffDoor staff_;
  StaffRefusal staff_refusal_;
  log::Logger& logger_;
  std::atomic<bool> ready_{false};
};

}  // namespace postern::doors
