// The mailbox transport: each message a file in a folder, for demos and tests. The same message twice is the
// same file.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "host/services/outbox.hpp"

namespace postern::services {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }
  bool ok() const { return number_ >= 0; }

 private:
  int number_;
};

Attempt later(const std::string& what) {
  return {Delivered::later, "the mailbox folder: " + what + ": " + std::strerror(errno)};
}

bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const auto written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

class MailboxTransport final : public MailTransport {
 public:
  explicit MailboxTransport(std::string folder) : folder_(std::move(folder)) {}

  Attempt send(const Mail& mail) override {
    std::error_code failed;
    std::filesystem::create_directories(folder_, failed);
    const auto final_name = folder_ + "/" + mail.id + ".eml";
    const auto temporary = folder_ + "/." + mail.id + "." + std::to_string(::getpid()) + ".tmp";
    const Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.ok()) return later("cannot be written to");
    if (!write_all(file.get(), mail.content) || ::fsync(file.get()) != 0) {
      const auto attempt = later("did not keep the message");
      ::unlink(temporary.c_str());
      return attempt;
    }
    if (::rename(temporary.c_str(), final_name.c_str()) != 0) return later("refused the new name");
    const Descriptor folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.ok() || ::fsync(folder.get()) != 0) return later("was not synced");
    return {};
  }

 private:
  std::string folder_;
};

}  // namespace

std::unique_ptr<MailTransport> mailbox_transport(std::string folder) {
  return std::make_unique<MailboxTransport>(std::move(folder));
}

}  // namespace postern::services
