// Documents as answers. Plain ones leave as a region of their file (sendfile); encrypted ones and several
// ranges at once as a source that reads while it is sent.
#include "host/services/delivery.hpp"

#include "host/services/delivery_source.hpp"
#include "host/services/names.hpp"
#include "host/services/ranges.hpp"

namespace postern::services {
namespace {

// Nothing in a stored document may run, load anything, be framed or share an origin with the pages, whatever
// a browser takes it for. Inline styles are for the page a browser itself draws around an image or a text.
constexpr std::string_view kSandboxed =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors "
    "'none'; sandbox";

// A PDF that is shown goes without `sandbox`. Tried here: the viewer of Chromium 156 draws it with any of
// these policies, bare `sandbox` included. But Safari's viewer stays empty or downloads a sandboxed PDF, and
// older Chromium blocks it and needs the inline style (whatwg/html issue 3958, go-gitea/gitea pull 20455,
// adobe/aem-core-wcm-components issue 2839). What that gives up is little: the type is fixed by nosniff, and
// scripts in a PDF run in the viewer, which has no access to the page's origin.
constexpr std::string_view kShownPdf =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors "
    "'none'";

/// A field of which several lines make one list (RFC 9110 section 5.3).
std::string list_of(const http::Fields& fields, std::string_view name) {
  std::string list;
  for (const auto& [key, value] : fields.all()) {
    const bool same =
        key.size() == name.size() && std::equal(key.begin(), key.end(), name.begin(), [](char a, char b) {
          return (a >= 'A' && a <= 'Z' ? a | 0x20 : a) == (b >= 'A' && b <= 'Z' ? b | 0x20 : b);
        });
    if (same) list += (list.empty() ? "" : ", ") + value;
  }
  return list;
}

struct Validators {
  std::string etag;
  std::int64_t modified;  // seconds
};

enum class Verdict : std::uint8_t { go_on, not_modified, failed };

/// Preconditions in the order of RFC 9110 section 13.2.2, steps 1 to 4.
Verdict judge(const http::Fields& fields, const Validators& now) {
  if (fields.has("If-Match")) {
    if (!names_etag(list_of(fields, "If-Match"), now.etag, Comparison::strong)) return Verdict::failed;
  } else if (const auto since = parse_http_date(fields.get("If-Unmodified-Since"));
             since && now.modified > *since) {
    return Verdict::failed;
  }
  if (fields.has("If-None-Match")) {
    if (names_etag(list_of(fields, "If-None-Match"), now.etag, Comparison::weak))
      return Verdict::not_modified;
  } else if (const auto since = parse_http_date(fields.get("If-Modified-Since"));
             since && now.modified <= *since) {
    return Verdict::not_modified;
  }
  return Verdict::go_on;
}

/// Step 5: whether Range still counts. A tag must be strong and equal, a date exactly ours (section 13.1.5).
bool range_counts(const http::Fields& fields, const Validators& now) {
  if (!fields.has("If-Range")) return true;
  const auto wanted = fields.get("If-Range");
  if (wanted.starts_with('"') || wanted.starts_with("W/")) return wanted == now.etag;
  return parse_http_date(wanted) == now.modified;
}

/// The type as it is sent. Text that is UTF-8 says so; of other text the browser guesses the encoding better
/// than we do.
std::string content_type(const Blob& blob, BlobReader& reader) {
  if (blob.type != "text/plain") return blob.type;
  std::vector<std::byte> start(16 * 1024);
  const auto got = reader.read(0, start);
  if (!got.ok()) return blob.type;
  const std::string_view text(reinterpret_cast<const char*>(start.data()), *got);
  return is_utf8(text, static_cast<std::int64_t>(*got) < blob.bytes) ? "text/plain; charset=utf-8"
                                                                     : blob.type;
}

void add_common(http::Fields& fields, const Document& document, const DeliveryOptions& options,
                const Validators& now) {
  fields.set("ETag", now.etag);
  fields.set("Last-Modified", http_date(document.created));
  fields.set("Cache-Control", std::string(options.cache));
  fields.set("Accept-Ranges", "bytes");
  fields.set("X-Content-Type-Options", "nosniff");
  fields.set("Cross-Origin-Resource-Policy", "same-origin");
  fields.set("Referrer-Policy", "no-referrer");
  fields.set("X-Robots-Tag", "noindex, nofollow, noarchive");
}

/// Content-Disposition and the sandbox. Only the listed types are ever shown, whatever the caller asked for.
void add_disposition(http::Fields& fields, const Document& document, const DeliveryOptions& options) {
  const bool shown = options.disposition == Disposition::inline_view && may_show_inline(document.blob.type);
  fields.set("Content-Disposition",
             content_disposition(document.name, shown ? Disposition::inline_view : Disposition::attachment));
  fields.set("Content-Security-Policy",
             std::string(shown && document.blob.type == "application/pdf" ? kShownPdf : kSandboxed));
}

/// An answer without a body. A 304 gets no policy: it would replace that of the copy it vouches for.
http::Response refusal(http::Response response, int status) {
  response.status = status;
  response.fields.set("Content-Security-Policy", std::string(kSandboxed));
  return response;
}

void add_one(http::Response& response, std::unique_ptr<BlobReader> reader, const ByteRange& range) {
  if (range.length == 0) return;
  if (const auto descriptor = reader->descriptor()) {
    response.file.emplace(*descriptor, static_cast<std::uint64_t>(range.offset),
                          static_cast<std::uint64_t>(range.length));
    return;
  }
  response.source_length = static_cast<std::uint64_t>(range.length);
  response.source =
      std::make_shared<DocumentSource>(std::move(reader), std::vector<SourcePart>{{"", range}}, "");
}

/// multipart/byteranges (section 14.6). The boundary is random, so that no document can hold it.
void add_several(http::Response& response, std::unique_ptr<BlobReader> reader,
                 const std::vector<ByteRange>& ranges, const std::string& type) {
  std::array<std::byte, 16> random{};
  crypto::random(random);
  const std::string boundary = crypto::hex(random);
  std::vector<SourcePart> parts;
  std::uint64_t length = 0;
  for (const ByteRange& range : ranges) {
    std::string head = (parts.empty() ? "--" : "\r\n--") + boundary + "\r\nContent-Type: " + type +
                       "\r\nContent-Range: " + content_range(range, reader->bytes()) + "\r\n\r\n";
    length += head.size() + static_cast<std::uint64_t>(range.length);
    parts.push_back({std::move(head), range});
  }
  std::string end = "\r\n--" + boundary + "--\r\n";
  response.source_length = length + end.size();
  response.fields.set("Content-Type", "multipart/byteranges; boundary=" + boundary);
  response.source = std::make_shared<DocumentSource>(std::move(reader), std::move(parts), std::move(end));
}

}  // namespace

http::Response deliver(const http::RequestHead& head, const Document& document, BlobStore& blobs,
                       const DeliveryOptions& options) {
  const Validators now{"\"" + document.blob.sha256 + "\"", document.created.ms / 1000};
  http::Response response;
  add_common(response.fields, document, options, now);
  switch (judge(head.fields, now)) {
    case Verdict::failed:
      return refusal(std::move(response), 412);
    case Verdict::not_modified:
      response.status = 304;
      return response;
    case Verdict::go_on:
      break;
  }
  // Range means nothing to HEAD (section 14.2): its answer is that of a GET of the whole.
  RangeAnswer wanted;
  const std::int64_t bytes = document.blob.bytes;
  if (head.method == "GET" && head.fields.has("Range") && range_counts(head.fields, now))
    wanted = parse_ranges(list_of(head.fields, "Range"), bytes);
  if (wanted.kind == RangeAnswer::Kind::unsatisfiable) {
    response.fields.set("Content-Range", "bytes */" + std::to_string(bytes));
    return refusal(std::move(response), 416);
  }

  auto opened = blobs.read(document.blob);
  if (!opened.ok()) {
    http::Response failed;
    failed.fields.set("Cache-Control", "no-store");
    return refusal(std::move(failed), http_status(opened.code()));
  }
  std::unique_ptr<BlobReader> reader = *std::move(opened);
  const std::string type = content_type(document.blob, *reader);
  add_disposition(response.fields, document, options);
  response.fields.set("Content-Type", type);
  if (wanted.ranges.size() > 1) {
    response.status = 206;
    add_several(response, std::move(reader), wanted.ranges, type);
  } else if (wanted.ranges.size() == 1) {
    response.status = 206;
    response.fields.set("Content-Range", content_range(wanted.ranges.front(), bytes));
    add_one(response, std::move(reader), wanted.ranges.front());
  } else {
    add_one(response, std::move(reader), {0, bytes});
  }
  return response;
}

}  // namespace postern::services
