// Kinds of documents as recipients know them, from their media types. Pure functions. [any thread]
#pragma once

#include <string_view>

namespace postern::share {

/// A word the page's texts know: pdf, image, text, word, sheet, slides, archive, mail, audio, video or other.
std::string_view kind_of(std::string_view type);

/// Whether browsers show it safely by themselves: PDF, PNG, JPEG, GIF, WebP and plain text.
bool is_viewable(std::string_view type);

}  // namespace postern::share
