#include "host/log/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

namespace postern::log {
namespace {

constexpr std::size_t kLongestValue = 2000;  // bytes of one value; a stranger's input has a limit here too

std::string_view word(Severity severity) {
  switch (severity) {
    case Severity::debug: return "debug";
    case Severity::info: return "info";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
  }
  return "error";
}

std::string rfc3339(Timestamp at) {
  const std::time_t seconds = static_cast<std::time_t>(at.ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  char millis[8];
  std::snprintf(millis, sizeof millis, ".%03dZ", static_cast<int>(at.ms % 1000));
  return std::string(text, length) + millis;
}

void append_quoted(std::string& out, std::string_view value) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : value.substr(0, kLongestValue)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

class FileLogger final : public Logger {
 public:
  FileLogger(std::string file, int descriptor, Format format, Severity least, const Clock& clock)
      : file_(std::move(file)), descriptor_(descriptor), format_(format), least_(least), clock_(clock) {}
  ~FileLogger() override {
    if (!file_.empty()) ::close(descriptor_);
  }

  void event(Severity severity, std::string_view event, std::initializer_list<Field> fields) noexcept override {
    if (severity < least_) return;
    try {
      const std::string line = format_ == Format::json ? json(severity, event, fields) : text(severity, event, fields);
      const std::lock_guard lock(mutex_);
      // One write a line, so that lines of several processes never mix; a full disk must not stop the host.
      [[maybe_unused]] const ssize_t written = ::write(descriptor_, line.data(), line.size());
    } catch (...) {
      // Out of memory while logging: the event is lost, the host goes on.
    }
  }

  void reopen() noexcept override {
    if (file_.empty()) return;
    const int fresh = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (fresh < 0) return;
    const std::lock_guard lock(mutex_);
    ::close(descriptor_);
    descriptor_ = fresh;
  }

 private:
  std::string json(Severity severity, std::string_view event, std::initializer_list<Field> fields) const {
    std::string line = "{\"at\":\"" + rfc3339(clock_.now()) + "\",\"level\":\"" + std::string(word(severity)) + "\",\"event\":";
    append_quoted(line, event);
    for (const auto& [name, value] : fields) {
      line += ',';
      append_quoted(line, name);
      line += ':';
      append_quoted(line, value);
    }
    line += "}\n";
    return line;
  }

  std::string text(Severity severity, std::string_view event, std::initializer_list<Field> fields) const {
    std::string line = rfc3339(clock_.now()) + " " + std::string(word(severity)) + " " + std::string(event);
    for (const auto& [name, value] : fields) {
      line += " " + std::string(name) + "=";
      append_quoted(line, value);
    }
    line += '\n';
    return line;
  }

  std::string file_;
  int descriptor_;
  Format format_;
  Severity least_;
  const Clock& clock_;
  std::mutex mutex_;
};

}  // namespace

Result<std::unique_ptr<Logger>> Logger::open(const std::string& file, Format format, Severity least, const Clock& clock) {
  int descriptor = STDERR_FILENO;
  if (!file.empty()) {
    descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (descriptor < 0)
      return {Code::invalid, "log file " + file + " cannot be opened: " + std::strerror(errno) +
                                 "; make its folder or change log.file"};
  }
  return std::unique_ptr<Logger>(std::make_unique<FileLogger>(file, descriptor, format, least, clock));
}

std::string loggable_path(std::string_view path) {
  if (!path.starts_with("/l/")) return std::string(path);
  const auto end = path.find('/', 3);
  return "/l/…" + std::string(end == std::string_view::npos ? std::string_view{} : path.substr(end));
}

}  // namespace postern::log
