// Assets: styles, scripts and pictures, served under names that hold the hash of their content, so that
// browsers may keep them for ever. The host's come compressed out of the build; a plugin's and a firm's are
// compressed when they are added.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "host/http/message.hpp"
#include "host/web/embedded.hpp"
#include "postern/result.hpp"

namespace postern::web {

struct Asset {
  std::string type;  // media type, with charset for text
  std::string identity;
  std::string br;  // empty: not there in that coding, or no smaller
  std::string gzip;
  std::string etag;  // with its quotes
};

/// Filled by the main thread before the first request; afterwards const and [any thread, concurrent].
class Assets {
 public:
  /// `files` as embedded_files() gives them; takes what lies below assets/. Code::internal when the manifest
  /// and the files do not match.
  static Result<Assets> create(const Files& files);

  /// A plugin's web/*: `web/share.js` of plugin `share` becomes the plain name "share/share.js". Files of a
  /// type that is not in the table of types are refused with Code::invalid; at most 4 MiB each. [main thread]
  Result<void> add_plugin(std::string_view plugin, const Files& files);
  /// One file made at run time, such as a firm's colours or logo; returns its path,
  /// "/assets/brand.<hash>.css". The plain name is not remembered, so that each firm may have its own. [main
  /// thread]
  Result<std::string> add(std::string_view name, std::string content);

  /// By the last part of the path, "postern.0123456789abcdef.css" or "share/share.0123456789abcdef.js"; null
  /// when there is none. Lives as long as this object.
  const Asset* find(std::string_view hashed_name) const;
  /// "/assets/postern.0123456789abcdef.css" for the plain name "postern.css"; empty when there is none.
  std::string path(std::string_view name) const;

 private:
  std::map<std::string, std::shared_ptr<const Asset>, std::less<>> assets_;  // by hashed name
  std::map<std::string, std::string, std::less<>> names_;                    // plain -> hashed
};

/// GET or HEAD of an asset: 200 in the best coding the client takes (RFC 9110 section 12.5.3), or 304 to its
/// own ETag. [any thread]
http::Response asset_response(const http::RequestHead& head, const Asset& asset);

/// The media type of a file name by its extension; empty when it is none we serve. [any thread]
std::string_view asset_type(std::string_view name);

}  // namespace postern::web
