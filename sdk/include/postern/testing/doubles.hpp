// Doubles of what a door is given: a request that a test fills in, a response that keeps what it got.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "postern/door.hpp"
#include "postern/result.hpp"
#include "postern/testing/fake_database.hpp"

namespace postern::testing {

using Fields = std::map<std::string, std::string, std::less<>>;

/// What a test says about a request; FakeRequest adds the transaction and the time.
struct Call {
  std::string route{};
  std::string method = "GET";  // not GET: the transaction may write
  Fields parameters{}, query{}, form{}, headers{};
  std::string body{};
  std::string language = "en";
};

class FakeRequest final : public Request {
 public:
  /// All three outlive it.
  FakeRequest(const Call& call, FakeTransaction& transaction, const Clock& clock)
      : call_(call), transaction_(transaction), now_(clock.now()) {}

  std::string_view route() const noexcept override { return call_.route; }
  std::string_view method() const noexcept override { return call_.method; }
  std::string_view parameter(std::string_view name) const noexcept override {
    return of(call_.parameters, name);
  }
  std::string_view query(std::string_view name) const noexcept override { return of(call_.query, name); }
  std::string_view form(std::string_view name) const noexcept override { return of(call_.form, name); }
  std::string_view body() const noexcept override { return call_.body; }
  std::string_view header(std::string_view name) const noexcept override { return of(call_.headers, name); }
  std::string_view language() const noexcept override { return call_.language; }
  Timestamp now() const noexcept override { return now_; }
  Transaction& transaction() const noexcept override { return transaction_; }

 private:
  static std::string_view of(const Fields& fields, std::string_view name) {
    auto found = fields.find(name);
    return found == fields.end() ? std::string_view() : std::string_view(found->second);
  }

  const Call& call_;
  FakeTransaction& transaction_;
  Timestamp now_;
};

/// What a door answered: the code and its sentence, or the response.
struct Answer {
  Code code = Code::ok;
  Error error;  // of a code that is not ok
  int status = 200;
  Fields headers;
  std::string type, bytes;   // body()
  std::string page, values;  // page()
  std::string redirect;      // redirect(), relative to the door
  bool redirected = false;
  std::string document;  // document()
  std::uint32_t version = 0;
  Disposition disposition = Disposition::attachment;

  bool ok() const { return code == Code::ok; }
  bool committed() const { return ok() && status < 400; }
};

class FakeResponse final : public Response {
 public:
  explicit FakeResponse(Answer& answer) : answer_(answer) {}
  void status(int status) noexcept override { answer_.status = status; }
  void header(std::string_view name, std::string_view value) override {
    answer_.headers[std::string(name)] = value;
  }
  void body(std::string_view type, std::string_view bytes) override {
    answer_.type = type;
    answer_.bytes = bytes;
  }
  void page(std::string_view name, std::string_view values) override {
    answer_.page = name;
    answer_.values = values;
  }
  void redirect(std::string_view path) override {
    answer_.status = 303;
    answer_.redirected = true;
    answer_.redirect = path;
  }
  void document(std::string_view id, std::uint32_t version, Disposition disposition) override {
    answer_.document = id;
    answer_.version = version;
    answer_.disposition = disposition;
  }

 private:
  Answer& answer_;
};

}  // namespace postern::testing
