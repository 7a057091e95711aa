#include "host/settings/secret.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace postern::settings {

namespace {

constexpr std::size_t kLargestSecret = 64 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

struct Failure {
  std::string found;
  std::string wanted;
};

std::string octal(mode_t mode) {
  std::string out = "0";
  for (int shift = 6; shift >= 0; shift -= 3) out += static_cast<char>('0' + ((mode >> shift) & 7));
  return out;
}

std::optional<Failure> refuse(const struct stat& about, const std::string& path) {
  if (!S_ISREG(about.st_mode)) return Failure{"no plain file at " + path, "a file with the secret"};
  if (about.st_uid != 0 && about.st_uid != ::geteuid()) {
    return Failure{"the secret " + path + " owned by user " + std::to_string(about.st_uid),
                   "one owned by root or by the user that runs postern"};
  }
  if ((about.st_mode & 077) != 0) {
    return Failure{"the secret " + path + " open to group or others (mode " + octal(about.st_mode) + ")",
                   "mode 0600: chmod 600 " + path};
  }
  if (static_cast<std::size_t>(about.st_size) > kLargestSecret) {
    return Failure{"a secret of " + std::to_string(about.st_size) + " bytes", "at most 64 KiB"};
  }
  return std::nullopt;
}

std::optional<Failure> read_file(const std::string& path, std::string& out) {
  // O_NONBLOCK, so that a pipe put there does not hold up the start.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat about {};
  if (file.number() < 0 || ::fstat(file.number(), &about) != 0) {
    return Failure{"no readable file " + path + " (" + std::strerror(errno) + ")", "a file with the secret"};
  }
  if (auto failure = refuse(about, path)) return failure;
  out.resize(kLargestSecret);
  std::size_t size = 0;
  while (size < out.size()) {
    auto got = ::read(file.number(), out.data() + size, out.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failure{"an unreadable file " + path + " (" + std::strerror(errno) + ")", "a secret"};
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  out.resize(size);
  if (out.ends_with('\n')) out.pop_back();
  if (out.ends_with('\r')) out.pop_back();
  return std::nullopt;
}

std::optional<Failure> read(const Value& value, std::string& out) {
  const std::string& reference = value.text();
  if (reference.starts_with("env:")) {
    std::string variable = reference.substr(4);
    const char* found = std::getenv(variable.c_str());
    if (found == nullptr) return Failure{"no environment variable " + variable, "it set to the secret"};
    out = found;
  } else {
    std::filesystem::path path = reference.substr(5);
    if (path.is_relative()) path = std::filesystem::path(value.file()).parent_path() / path;
    if (auto failure = read_file(path.lexically_normal().string(), out)) return failure;
  }
  if (out.empty()) return Failure{"an empty secret behind " + reference, "the secret"};
  return std::nullopt;
}

}  // namespace

Result<std::string> resolve_secret(const Value& value) {
  if (!value.is_secret()) return value.text();
  std::string out;
  if (auto failure = read(value, out)) {
    return {Code::invalid, problem_at(value, failure->wanted, {}, failure->found).to_string(), value.path()};
  }
  return out;
}

Problems check_secrets(const Value& tree) {
  Problems problems;
  auto add = [&](const Value& below) {
    auto more = check_secrets(below);
    problems.insert(problems.end(), more.begin(), more.end());
  };
  if (tree.kind() == Value::Kind::list) {
    for (const auto& entry : tree.list()) add(entry);
  } else if (tree.kind() == Value::Kind::map) {
    for (const auto& entry : tree.map()) add(entry.second);
  } else if (tree.is_secret()) {
    std::string secret;
    if (auto failure = read(tree, secret))
      problems.push_back(problem_at(tree, failure->wanted, {}, failure->found));
  }
  return problems;
}

}  // namespace postern::settings
