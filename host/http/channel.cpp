#include "host/http/channel.hpp"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>

namespace postern::http {
namespace {

Io failed_call() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? Io::again : Io::dead; }

class PlainChannel final : public Channel {
 public:
  explicit PlainChannel(int descriptor) : descriptor_(descriptor) {}

  Io handshake() override { return Io::done; }
  bool sends_files() const override { return true; }
  void close_writing() override { ::shutdown(descriptor_, SHUT_WR); }

  Io read(std::span<char> room, std::size_t& count, bool& drained) override {
    const ssize_t n = ::recv(descriptor_, room.data(), room.size(), 0);
    if (n < 0) {
      drained = true;
      return failed_call();
    }
    count = static_cast<std::size_t>(n);
    drained = count < room.size();
    return n == 0 ? Io::end : Io::done;
  }

  Io write(std::string_view first, std::string_view second, bool more, std::size_t& count) override {
    const int flags = MSG_NOSIGNAL | (more ? MSG_MORE : 0);
    ssize_t n = 0;
    if (second.empty() || first.empty()) {
      const std::string_view only = first.empty() ? second : first;
      n = ::send(descriptor_, only.data(), only.size(), flags);
    } else {
      iovec parts[2] = {{const_cast<char*>(first.data()), first.size()},
                        {const_cast<char*>(second.data()), second.size()}};
      msghdr message{};
      message.msg_iov = parts;
      message.msg_iovlen = 2;
      n = ::sendmsg(descriptor_, &message, flags);
    }
    if (n < 0) return failed_call();
    count = static_cast<std::size_t>(n);
    return Io::done;
  }

  Io send_file(int file, off_t offset, std::size_t length, std::size_t& count) override {
    const ssize_t n = ::sendfile(descriptor_, file, &offset, length);
    if (n < 0) return failed_call();
    count = static_cast<std::size_t>(n);
    return n == 0 ? Io::end : Io::done;
  }

 private:
  int descriptor_;
};

}  // namespace

std::unique_ptr<Channel> plain_channel(int descriptor) { return std::make_unique<PlainChannel>(descriptor); }

}  // namespace postern::http
