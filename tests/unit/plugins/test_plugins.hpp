// Where the test plugins lie, and a way to load one.
#pragma once

#include <string>

#include "host/plugins/library.hpp"
#include "postern/testing/fake_host.hpp"

namespace postern::plugins::test {

inline std::string folder() { return POSTERN_TEST_PLUGINS; }
inline std::string path(const std::string& name) { return folder() + "/" + name; }

inline Result<std::shared_ptr<Library>> load(const std::string& name) {
  return Library::load(folder(), path(name));
}

/// The sentence with which a plugin is refused; "loaded" when it is not.
inline std::string refusal(const std::string& name) {
  auto library = load(name);
  return library.ok() ? "loaded" : library.error().message;
}

/// Calls of an Instance as the doors of FakeHost expect them.
class DoorsOf final : public RecipientDoor, public StaffDoor {
 public:
  explicit DoorsOf(Instance& instance) : instance_(instance) {}
  Code recipient(const Request& request, const Grant& grant, Response& response, ErrorSink& error) override {
    return instance_.recipient(request, grant, response, error);
  }
  Code staff(const Request& request, const Member& member, Response& response, ErrorSink& error) override {
    return instance_.staff(request, member, response, error);
  }

 private:
  Instance& instance_;
};

}  // namespace postern::plugins::test
