// Pages: templates (mustache), texts (ICU MessageFormat), branding and assets, drawn in the reader's language.
// The only room file that knows mustache and ICU messages are pages_*.cpp.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "postern/result.hpp"

namespace postern::services {

/// Files of a template set: path -> content. The host's own, and each plugin's (read from its library).
using Files = std::map<std::string, std::string>;

/// How a firm looks, as read from its YAML.
struct Branding {
  std::string firm;            // name shown
  std::string accent;          // "#0b5fa5", already dark enough for white text
  std::string logo;            // path of the logo asset, empty: the name in letters
  std::string contact_email, contact_phone, privacy_url;
  std::string language = "en";  // the firm's
  std::vector<std::string> languages{"en"};
  std::string time_zone = "UTC";  // IANA
};

/// [any thread, concurrent; immutable after construction]
class Pages {
 public:
  /// `host_files`: pages/*.html, messages/*.yaml of the host. Parses everything now; a template or message that does not
  /// parse, a message missing in a language, or a message key a template uses and nobody defines is an Error.
  static Result<std::unique_ptr<Pages>> create(const Files& host_files, Branding branding);
  virtual ~Pages() = default;

  /// Adds a plugin's pages/ and messages/; its keys and templates live under its id. Before any request. [main thread]
  virtual Result<void> add_plugin(std::string_view plugin, const Files& files) = 0;

  /// One whole page: `plugin`'s template (empty: the host's) inside the recipient frame. `values`: a JSON object. Values
  /// are escaped; in a template `{{#t}}key{{/t}}` is the text of that key with the values in scope as ICU arguments.
  virtual Result<std::string> page(std::string_view plugin, std::string_view name, std::string_view language,
                                   std::string_view values) const = 0;
  /// A template without the frame, for messages (HTML parts).
  virtual Result<std::string> fragment(std::string_view plugin, std::string_view name, std::string_view language,
                                       std::string_view values) const = 0;
  /// One text, not escaped.
  virtual Result<std::string> text(std::string_view plugin, std::string_view language, std::string_view key,
                                   std::string_view values) const = 0;
  /// The best of the firm's languages for: the recipient's own, else Accept-Language (RFC 9110 12.5.4), else the firm's.
  virtual std::string choose_language(std::string_view recipient, std::string_view accept_language) const = 0;
  virtual const Branding& branding() const = 0;
};

}  // namespace postern::services
