// Pages: templates (mustache), texts (ICU MessageFormat), branding and assets, drawn in the reader's
// language. The only room file that knows mustache and ICU messages are pages_*.cpp.
#pragma once

#include <functional>
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
  std::string firm;    // name shown
  std::string accent;  // "#0b5fa5", already dark enough for white text
  std::string logo;    // path of the logo asset, empty: the name in letters
  std::string contact_email, contact_phone, privacy_url;
  std::string language = "en";  // the firm's
  std::vector<std::string> languages{"en"};
  std::string time_zone = "UTC";  // IANA
};

/// The address of an asset by its plain name ("postern.css", "share/share.js"), empty when there is none;
/// brand.css is the firm's own and may be missing. Asked while templates are parsed, never later.
using AssetPath = std::function<std::string(std::string_view name)>;

/// What templates (pages/*.html, and *.txt that is not escaped) may say, besides mustache:
///   {{#t}}key{{/t}}              a text of messages/<language>.yaml: the plugin's own, else the host's
///   {{#date}}x{{/date}}, {{#time}}, {{#datetime}}, {{#size}}   a value, milliseconds or bytes, as the
///   language writes it
///   {{#asset}}share.css{{/asset}}  the address of a file in web/ (the plugin's own, else the host's)
///   {{! title: key }}            makes the template a page: the text of its <title>. Also {{! why: key }}
///   (why the reader
///                                got this, in the foot), {{! style: share.css }}, {{! script: share.js }}
///   firm, contact_email, contact_phone, privacy_url, language, dir, accent   are there beside the page's own
///   values
/// Nothing, false, 0, "" and [] leave a section out. Values are never read as templates or messages.
///
/// [any thread, concurrent; immutable after construction]
class Pages {
 public:
  /// `host_files`: pages/*.html, messages/*.yaml of the host. Parses everything now; a template or message
  /// that does not parse, a message missing in a language, or a message key a template uses and nobody
  /// defines is an Error.
  static Result<std::unique_ptr<Pages>> create(const Files& host_files, Branding branding,
                                               AssetPath asset_path = {});
  virtual ~Pages() = default;

  /// Adds a plugin's pages/ and messages/; its keys and templates live under its id. Before any request.
  /// [main thread]
  virtual Result<void> add_plugin(std::string_view plugin, const Files& files) = 0;

  /// One whole page: `plugin`'s template (empty: the host's) inside the recipient frame. `values`: a JSON
  /// object. Values are escaped; in a template `{{#t}}key{{/t}}` is the text of that key with the values in
  /// scope as ICU arguments.
  virtual Result<std::string> page(std::string_view plugin, std::string_view name, std::string_view language,
                                   std::string_view values) const = 0;
  /// A template without the frame, for messages (HTML parts).
  virtual Result<std::string> fragment(std::string_view plugin, std::string_view name,
                                       std::string_view language, std::string_view values) const = 0;
  /// One text, not escaped.
  virtual Result<std::string> text(std::string_view plugin, std::string_view language, std::string_view key,
                                   std::string_view values) const = 0;
  /// The best of the firm's languages for: the recipient's own, else Accept-Language (RFC 9110 12.5.4), else
  /// the firm's.
  virtual std::string choose_language(std::string_view recipient, std::string_view accept_language) const = 0;
  virtual const Branding& branding() const = 0;
};

}  // namespace postern::services
