#include "host/doors/plugin_call.hpp"

#include <map>

#include "host/doors/form.hpp"

namespace postern::doors {
namespace {

class HostRequest final : public Request {
 public:
  HostRequest(const PluginCall& call) : call_(call), query_(parse_form(call.head.query).value_or(Form{})) {
    if (is_form(call.head.fields.get("Content-Type"))) form_ = parse_form(call.body).value_or(Form{});
  }

  std::string_view route() const noexcept override { return call_.match.route->id; }
  std::string_view method() const noexcept override {
    return call_.head.method == "HEAD" ? std::string_view("GET") : std::string_view(call_.head.method);
  }
  std::string_view parameter(std::string_view name) const noexcept override { return find(call_.match.parameters, name); }
  std::string_view query(std::string_view name) const noexcept override { return find(query_, name); }
  std::string_view form(std::string_view name) const noexcept override { return find(form_, name); }
  std::string_view body() const noexcept override { return call_.body; }
  std::string_view header(std::string_view name) const noexcept override {
    // A plugin is told what was proved, not handed what proved it.
    if (name == "Authorization" || name == "authorization" || name == "Cookie" || name == "cookie") return {};
    return call_.head.fields.get(name);
  }
  std::string_view language() const noexcept override { return call_.language; }
  Timestamp now() const noexcept override { return call_.transaction.now; }
  Transaction& transaction() const noexcept override { return call_.transaction; }

 private:
  template <class Map>
  static std::string_view find(const Map& map, std::string_view name) noexcept {
    for (const auto& [key, value] : map)
      if (key == name) return value;
    return {};
  }

  const PluginCall& call_;
  Form query_;
  Form form_;
};

class HostResponse final : public Response {
 public:
  void status(int status) noexcept override { answer.status = status >= 200 && status <= 599 ? status : 500; }
  void header(std::string_view name, std::string_view value) override {
    static constexpr std::string_view kAllowed[] = {"Content-Language", "Location", "Link", "ETag", "Retry-After"};
    const bool clean = value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
    if (clean && std::find(std::begin(kAllowed), std::end(kAllowed), name) != std::end(kAllowed))
      answer.fields.set(name, std::string(value));
  }
  void body(std::string_view type, std::string_view bytes) override {
    clear();
    answer.type = type;
    answer.bytes = bytes;
  }
  void page(std::string_view name, std::string_view values) override {
    clear();
    answer.page = name;
    answer.page_values = values;
  }
  void redirect(std::string_view path) override {
    clear();
    answer.status = 303;
    answer.redirect = path;
  }
  void document(std::string_view id, std::uint32_t version, Disposition disposition) override {
    clear();
    answer.document = id;
    answer.version = version;
    answer.disposition = disposition;
  }

  PluginAnswer answer;

 private:
  /// The last of body, page, redirect and document counts.
  void clear() {
    answer.type.clear();
    answer.bytes.clear();
    answer.page.clear();
    answer.page_values.clear();
    answer.redirect.clear();
    answer.document.clear();
  }
};

class FirstError final : public ErrorSink {
 public:
  void error(Code code, std::string_view message, std::string_view field) noexcept override {
    try {
      error_ = Error{code, std::string(message), std::string(field)};
    } catch (...) {
      error_.code = code;
    }
  }
  Error take(Code code) {
    error_.code = code;
    if (error_.message.empty()) error_.message = std::string(name(code));
    return std::move(error_);
  }

 private:
  Error error_;
};

template <class Door>
Result<PluginAnswer> run(const PluginCall& call, Door&& door) {
  const HostRequest request(call);
  HostResponse response;
  FirstError error;
  const Code code = door(request, response, error);
  // A failure of the database outranks whatever the plugin made of it: the edge repeats or refuses.
  if (const auto& failure = call.transaction.failure()) return {failure->code(), failure->what()};
  if (code != Code::ok) return error.take(code);
  return std::move(response.answer);
}

}  // namespace

Result<PluginAnswer> call_recipient(plugins::Instance& plugin, const PluginCall& call, const Grant& grant) {
  return run(call, [&](const Request& request, Response& response, ErrorSink& error) {
    return plugin.recipient(request, grant, response, error);
  });
}

Result<PluginAnswer> call_staff(plugins::Instance& plugin, const PluginCall& call, const Member& member) {
  return run(call, [&](const Request& request, Response& response, ErrorSink& error) {
    return plugin.staff(request, member, response, error);
  });
}

}  // namespace postern::doors
