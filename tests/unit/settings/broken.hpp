// A table of broken files: the text, and every line that must be said about it, word by word.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "host/settings/firm_settings.hpp"
#include "host/settings/host_settings.hpp"
#include "host/settings/load.hpp"

namespace postern::settings {

struct Broken {
  std::string what;
  std::string yaml;
  std::vector<std::string> said;
};

class BrokenFile : public testing::TestWithParam<Broken> {};
class BrokenHostFile : public testing::TestWithParam<Broken> {};
class BrokenFirmFile : public testing::TestWithParam<Broken> {};
class BrokenFirmParts : public testing::TestWithParam<Broken> {};

/// "a tab in the indentation" as a test's name: ATabInTheIndentation.
inline std::string test_name(const testing::TestParamInfo<Broken>& info) {
  std::string name;
  bool begins_word = true;
  for (char c : info.param.what) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter) name += begins_word && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    begins_word = !letter;
  }
  return name;
}

inline std::vector<std::string> lines(const Problems& problems) {
  std::vector<std::string> out;
  std::string all = to_string(problems);
  for (std::size_t begin = 0; begin < all.size();) {
    auto end = std::min(all.find('\n', begin), all.size());
    out.push_back(all.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

}  // namespace postern::settings
