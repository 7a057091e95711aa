#include "kind.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace postern::share {
namespace {

using Entry = std::pair<std::string_view, std::string_view>;

constexpr std::array kKinds{
    Entry{"application/pdf", "pdf"},
    Entry{"application/msword", "word"},
    Entry{"application/rtf", "word"},
    Entry{"text/rtf", "word"},
    Entry{"application/vnd.oasis.opendocument.text", "word"},
    Entry{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "word"},
    Entry{"application/vnd.ms-excel", "sheet"},
    Entry{"application/vnd.oasis.opendocument.spreadsheet", "sheet"},
    Entry{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "sheet"},
    Entry{"text/csv", "sheet"},
    Entry{"application/vnd.ms-powerpoint", "slides"},
    Entry{"application/vnd.oasis.opendocument.presentation", "slides"},
    Entry{"application/vnd.openxmlformats-officedocument.presentationml.presentation", "slides"},
    Entry{"application/zip", "archive"},
    Entry{"application/x-7z-compressed", "archive"},
    Entry{"application/gzip", "archive"},
    Entry{"application/x-tar", "archive"},
    Entry{"message/rfc822", "mail"},
    Entry{"application/vnd.ms-outlook", "mail"},
};

constexpr std::array<std::string_view, 6> kViewable{"application/pdf", "image/png",  "image/jpeg",
                                                    "image/gif",       "image/webp", "text/plain"};

}  // namespace

std::string_view kind_of(std::string_view type) {
  for (const auto& [known, kind] : kKinds)
    if (known == type) return kind;
  for (const auto& [start, kind] :
       {Entry{"image/", "image"}, Entry{"audio/", "audio"}, Entry{"video/", "video"}, Entry{"text/", "text"}})
    if (type.starts_with(start)) return kind;
  return "other";
}

bool is_viewable(std::string_view type) {
  return std::find(kViewable.begin(), kViewable.end(), type) != kViewable.end();
}

}  // namespace postern::share
