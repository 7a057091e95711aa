#include "host/web/assets.hpp"

#include <zlib.h>

#include <array>
#include <stdexcept>

#include "host/crypto/crypto.hpp"
#include "host/web/negotiate.hpp"

namespace postern::web {
namespace {

constexpr std::size_t kHashLength = 16;  // hex digits: 64 bits, far beyond any accident
constexpr std::size_t kLargest = 4 * 1024 * 1024;
constexpr std::string_view kRoot = "/assets/";

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kTypes{{
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".webp", "image/webp"},
    {".gif", "image/gif"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".json", "application/json"},
    {".txt", "text/plain; charset=utf-8"},
}};

std::string hash_of(std::string_view content) {
  const auto digest = crypto::sha256(content);
  return crypto::hex(digest).substr(0, kHashLength);
}

/// "a/b.css" -> "a/b.<hash>.css"
std::string hashed_name(std::string_view name, std::string_view hash) {
  const auto dot = name.rfind('.');
  return std::string(name.substr(0, dot)) + "." + std::string(hash) + std::string(name.substr(dot));
}

/// gzip (RFC 1952) without a time stamp, so that equal files give equal bytes.
std::string gzip(std::string_view content) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib could not start");
  std::string packed(deflateBound(&stream, static_cast<uLong>(content.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int outcome = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (outcome != Z_STREAM_END) throw std::runtime_error("zlib could not compress");
  return packed;
}

bool is_compressible(std::string_view type) {
  return type.starts_with("text/") || type == "image/svg+xml" || type == "application/json" ||
         type == "application/wasm";
}

/// A name a page may ask for: letters, digits, '.', '-', '_' and '/' between parts, no part that begins with
/// a dot.
bool is_plain_name(std::string_view name) {
  if (name.empty() || name.size() > 200) return false;
  char before = '/';
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && c != '.' && c != '-' && c != '_' && c != '/') return false;
    if (before == '/' && (c == '.' || c == '/')) return false;
    before = c;
  }
  return before != '/';
}

Result<std::shared_ptr<const Asset>> make(std::string_view name, std::string content, std::string_view hash) {
  const auto type = asset_type(name);
  if (type.empty() || !is_plain_name(name))
    return {Code::invalid,
            "web/" + std::string(name) +
                " is not a kind of file that is served; want .css, .js, a "
                "picture, .woff2, .wasm, .json or .txt, named with letters, digits, '-', '_' and '.'"};
  if (content.size() > kLargest)
    return {Code::too_large, "web/" + std::string(name) + " has " + std::to_string(content.size()) +
                                 " bytes; at most 4 MiB are served as an asset"};
  auto asset = std::make_shared<Asset>();
  asset->type = type;
  asset->etag = "\"" + std::string(hash) + "\"";
  if (is_compressible(type)) {
    asset->gzip = gzip(content);
    if (asset->gzip.size() >= content.size()) asset->gzip.clear();
  }
  asset->identity = std::move(content);
  return std::shared_ptr<const Asset>(std::move(asset));
}

}  // namespace

std::string_view asset_type(std::string_view name) {
  for (const auto& [extension, type] : kTypes)
    if (name.size() > extension.size() && name.ends_with(extension)) return type;
  return {};
}

Result<Assets> Assets::create(const Files& files) {
  Assets assets;
  const auto manifest = files.find("assets/manifest.txt");
  if (manifest == files.end())
    return {Code::internal, "the program holds no assets/manifest.txt; build host/web again"};
  std::string_view rest = manifest->second;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const auto space = line.find(' ');
    if (space == std::string_view::npos) continue;
    const std::string name(line.substr(0, space)), hashed(line.substr(space + 1));
    const auto file = files.find("assets/" + hashed);
    if (file == files.end() || hashed != hashed_name(name, hash_of(file->second)))
      return {Code::internal,
              "the embedded asset " + hashed + " is missing or changed; build host/web again"};
    auto asset = std::make_shared<Asset>();
    asset->type = asset_type(name);
    asset->identity = file->second;
    asset->etag = "\"" + hash_of(file->second) + "\"";
    if (const auto br = files.find("assets/" + hashed + ".br"); br != files.end()) asset->br = br->second;
    if (const auto gz = files.find("assets/" + hashed + ".gz"); gz != files.end()) asset->gzip = gz->second;
    assets.assets_[hashed] = std::move(asset);
    assets.names_[name] = hashed;
  }
  return assets;
}

Result<void> Assets::add_plugin(std::string_view plugin, const Files& files) {
  constexpr std::string_view kFolder = "web/";
  for (const auto& [path, content] : files) {
    if (!path.starts_with(kFolder)) continue;
    const std::string name = std::string(plugin) + "/" + path.substr(kFolder.size());
    const auto hash = hash_of(content);
    POSTERN_TRY(auto asset, make(name, content, hash));
    const auto hashed = hashed_name(name, hash);
    assets_[hashed] = std::move(asset);
    names_[name] = hashed;
  }
  return {};
}

Result<std::string> Assets::add(std::string_view name, std::string content) {
  const auto hash = hash_of(content);
  POSTERN_TRY(auto asset, make(name, std::move(content), hash));
  const auto hashed = hashed_name(name, hash);
  assets_[hashed] = std::move(asset);
  return std::string(kRoot) + hashed;
}

const Asset* Assets::find(std::string_view hashed_name) const {
  const auto found = assets_.find(hashed_name);
  return found == assets_.end() ? nullptr : found->second.get();
}

std::string Assets::path(std::string_view name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? std::string() : std::string(kRoot) + found->second;
}

http::Response asset_response(const http::RequestHead& head, const Asset& asset) {
  http::Response response;
  response.fields.add("ETag", asset.etag);
  response.fields.add("Cache-Control", "public, max-age=31536000, immutable");
  response.fields.add("X-Content-Type-Options", "nosniff");
  if (!asset.br.empty() || !asset.gzip.empty()) response.fields.add("Vary", "Accept-Encoding");
  if (matches_etag(head.fields.get("if-none-match"), asset.etag)) {
    response.status = 304;
    return response;
  }
  response.fields.add("Content-Type", asset.type);
  if (asset.type == "image/svg+xml")  // a firm's logo opened on its own must not run as a page of ours
    response.fields.add("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  const auto accepted = accepted_codings(head.fields.get("accept-encoding"));
  if (accepted.br && !asset.br.empty()) {
    response.fields.add("Content-Encoding", "br");
    response.bytes = asset.br;
  } else if (accepted.gzip && !asset.gzip.empty()) {
    response.fields.add("Content-Encoding", "gzip");
    response.bytes = asset.gzip;
  } else {
    response.bytes = asset.identity;
  }
  return response;
}

}  // namespace postern::web
