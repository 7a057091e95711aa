// Observations: what recipients did that no answer waits for: a link was opened, a document's bytes were delivered.
//
// Answers are not held up by them: they are collected and written together, a few times a second, in one transaction.
// It also notices when another process (the command line, another host) revokes a link that is being downloaded.
//
// They state facts after the event; whatever a recipient is told was done is committed before the answer instead.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "host/doors/coverage.hpp"
#include "host/firm/firm.hpp"
#include "host/log/log.hpp"

namespace postern::doors {

class Observations {
 public:
  struct Delivery {
    std::string document;
    std::string name;
    std::uint32_t version = 1;
    std::int64_t size = 0;       // of the document
    std::int64_t offset = 0;     // of the first byte of this answer in the document
    std::int64_t delivered = 0;  // bytes of the document handed to the kernel for this answer
    bool viewed = false;         // shown in the browser rather than saved
  };

  /// `firm` and `logger` outlive this. Starts a thread.
  Observations(firm::Firm& firm, log::Logger& logger);
  ~Observations();  // writes what is there, then ends

  /// The page behind a link was shown. Repeated openings by the same address and browser within ten minutes are one.
  /// [any thread, does not block]
  void opened(const db::Actor& actor);
  /// Bytes of a document went out. When what one link fetched of one document covers (nearly) all of it, that is a
  /// download: it is audited and counts as one use. [any thread, does not block]
  void delivered(const db::Actor& actor, Delivery delivery);
  /// Waits until everything told before is written. For tests and shutdown.
  void flush();

 private:
  struct Item {
    db::Actor actor;
    bool is_delivery = false;
    Delivery delivery;
    Timestamp at;
  };

  void run();
  void look_for_revocations();
  void write(std::vector<Item> items);
  void write_delivery(db::HostTransaction& transaction, const Item& item);
  bool seen_lately(const db::Actor& actor, Timestamp now);

  firm::Firm& firm_;
  log::Logger& logger_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Item> waiting_;
  bool writing_ = false;
  bool stopping_ = false;
  std::map<std::string, Timestamp> lately_;        // link, address, browser -> when it was last told
  std::map<std::string, Coverage> progress_;       // link, document, version -> what went out so far; writer thread only
  std::thread thread_;
  std::thread revocations_;
};

}  // namespace postern::doors
