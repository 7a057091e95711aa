// Broken YAML below any schema: each file, and every line that is said about it.
#include "tests/unit/settings/broken.hpp"

namespace postern::settings {
namespace {

using namespace std::string_literals;

const std::vector<Broken> kBroken{
    {"a map value within a text",
     "name: Acme: Tax\n",
     {"a.yaml:1:11: found what is not YAML (illegal map value), want correct YAML; keys of one map begin at "
      "the same column, and a text with \": \" in it needs quotes"}},
    {"keys of one map at different columns",
     "a:\n"
     "  b: 1\n"
     "   c: 2\n",
     {"a.yaml:3:5: a: found what is not YAML (illegal map value), want correct YAML; keys of one map begin "
      "at the same column, and a text with \": \" in it needs quotes"}},
    {"a list that is not closed",
     "hosts: [a, b\n"
     "name: x\n",
     {"a.yaml:2:5: hosts[2]: found what is not YAML (end of sequence flow not found), want correct YAML; a [ "
      "wants its ]"}},
    {"a bracket that was never opened",
     "a: 1\n"
     "b: 2]\n"
     "]\n",
     {"a.yaml:3:1: found what is not YAML (illegal flow end), want correct YAML; a ] or } without its [ or "
      "{"}},
    {"a double quote that is not closed",
     "a: 1\n"
     "name: \"Acme Tax\n"
     "b: 2\n",
     {"a.yaml:2:7: name: found a quoted text that does not end, want a closing quote"}},
    {"a single quote that is not closed",
     "name: 'it''s\n",
     {"a.yaml:1:7: name: found a quoted text that does not end, want a closing quote"}},
    {"an unknown escape",
     "path: \"C:\\docs\"\n",
     {"a.yaml:1:12: path: found what is not YAML (unknown escape character: d), want correct YAML; a "
      "backslash is doubled within \"...\", or use '...'"}},
    {"a text that begins with an at sign",
     "user: @ann\n",
     {"a.yaml:1:7: user: found what is not YAML (unknown token), want correct YAML; a text that begins with "
      "@, ` or % needs quotes"}},
    {"text after a quoted text",
     "name: \"Acme\" Tax\n",
     {"a.yaml:1:14: found what is not YAML (end of map not found), want correct YAML; check indentation and "
      "quotes here and on the line before"}},
    {"a tab in the indentation",
     "a:\n"
     "\tb: 1\n",
     {"a.yaml:2:1: found a tab in the indentation, want spaces"}},
    {"tabs on two lines",
     "a:\n"
     "\tb: 1\n"
     "  \tc: 2\n",
     {"a.yaml:2:1: found a tab in the indentation, want spaces",
      "a.yaml:3:3: found a tab in the indentation, want spaces"}},
    {"two documents",
     "a: 1\n"
     "---\n"
     "b: 2\n",
     {"a.yaml:2:1: found a second document, want one document to a file"}},
    {"a map after a list",
     "- a\n"
     "b: 1\n",
     {"a.yaml:2:1: found a second document, want one document to a file"}},
    {"an anchor and its alias",
     "a: &x 1\n"
     "b: *x\n",
     {"a.yaml:1:4: a: found the anchor &x, want the value itself: anchors and aliases are not read",
      "a.yaml:2:4: b: found an alias, want the value itself: anchors and aliases are not read"}},
    {"an alias of nothing",
     "a: *x\n",
     {"a.yaml:1:4: a: found what is not YAML (the referenced anchor is not defined), want correct YAML; a "
      "text that begins with * needs quotes"}},
    {"a merge key and a duplicate",
     "a: {x: 1}\n"
     "<<: {y: 2}\n"
     "a: 3\n",
     {"a.yaml:2:1: <<: found a merge key, want the keys themselves: merge keys are not read",
      "a.yaml:3:1: a: found the key a second time, want it once; the first is on line 1"}},
    {"one key three times",
     "x:\n"
     "  a: 1\n"
     "  a: 2\n"
     "  a: 3\n",
     {"a.yaml:3:3: x.a: found the key a second time, want it once; the first is on line 2",
      "a.yaml:4:3: x.a: found the key a second time, want it once; the first is on line 2"}},
    {"a tag",
     "a: !!python/object:os.system ls\n"
     "b: !mine {c: 1}\n",
     {"a.yaml:1:4: a: found the tag \"tag:yaml.org,2002:python/object:os.system\", want no tags",
      "a.yaml:2:4: b: found the tag \"!mine\", want no tags"}},
    {"a list as key",
     "? [a, b]\n"
     ": 1\n",
     {"a.yaml:1:3: found a list as key, want a text as key"}},
    {"nothing as key",
     "a: 1\n"
     "~: 2\n",
     {"a.yaml:2:1: found a key that is nothing, want a text as key"}},
    {"a byte that is not UTF-8",
     "name: Acm\xe9\n",
     {"a.yaml:1:10: found a byte that is not UTF-8, want a file in UTF-8"}},
    {"an overlong form of a slash",
     "name: \xc0\xaf\n",
     {"a.yaml:1:7: found a byte that is not UTF-8, want a file in UTF-8"}},
    {"a zero byte",
     "a: 1\n"
     "b: x\x00y\n"s,
     {"a.yaml:2:5: found the control character 0, want text"}},
    {"UTF-16",
     "\xff\xfe"
     "a\x00:\x00 \x00"
     "1\x00\n"
     "\x00"s,
     {"a.yaml:1:1: found a byte that is not UTF-8, want a file in UTF-8"}},
    {"an escape character", "a: \x1b[31m\n", {"a.yaml:1:4: found the control character 27, want text"}},
    {"a column after wide characters",
     "\xe6\x97\xa5\xe6\x9c\xac: [\xe7\xa8\x8e\xe7\x90\x86\xe5\xa3\xab, @x]\n",
     {"a.yaml:1:11: 日本[1]: found what is not YAML (unknown token), want correct YAML; a text that begins "
      "with @, ` or % needs quotes"}},
};

INSTANTIATE_TEST_SUITE_P(Syntax, BrokenFile, testing::ValuesIn(kBroken), test_name);

TEST_P(BrokenFile, IsRefusedWithThesePlacesAndWords) {
  EXPECT_THAT(lines(load_untyped(GetParam().yaml, "a.yaml").problems),
              testing::ElementsAreArray(GetParam().said));
}

}  // namespace
}  // namespace postern::settings
