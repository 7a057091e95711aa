// Secrets: found behind their references, and never shown.
#include "host/settings/secret.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/unit/settings/broken.hpp"

namespace postern::settings {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class Secrets : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "postern-secrets-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    ASSERT_EQ(::chmod((folder_ / name).c_str(), mode), 0);
  }

  Value reference(const std::string& text) const {
    const Schema schema{{secret("key")}};
    auto loaded = load_text("key: \"" + text + "\"\n", (folder_ / "firm.yaml").string(), schema);
    EXPECT_TRUE(loaded.ok()) << to_string(loaded.problems);
    return loaded.value["key"];
  }

  std::string refusal(const std::string& text) const {
    auto secret = resolve_secret(reference(text));
    return secret.ok() ? "resolved" : secret.error().message;
  }

  std::string at() const { return (folder_ / "firm.yaml").string() + ":1:6: key: "; }

  fs::path folder_;
};

TEST_F(Secrets, ComeFromAFileBesideTheYamlWithoutItsClosingNewline) {
  write("plain", "hunter2\n");
  write("crlf", "hunter2\r\n");
  write("two", " hunter2\n\n");
  EXPECT_EQ(*resolve_secret(reference("file:plain")), "hunter2");
  EXPECT_EQ(*resolve_secret(reference("file:crlf")), "hunter2");
  EXPECT_EQ(*resolve_secret(reference("file:two")), " hunter2\n");
  EXPECT_EQ(*resolve_secret(reference("file:" + (folder_ / "plain").string())), "hunter2");
}

TEST_F(Secrets, ComeFromTheEnvironment) {
  ASSERT_EQ(::setenv("POSTERN_TEST_SECRET", "hunter2", 1), 0);
  EXPECT_EQ(*resolve_secret(reference("env:POSTERN_TEST_SECRET")), "hunter2");
  ASSERT_EQ(::unsetenv("POSTERN_TEST_SECRET"), 0);
  EXPECT_EQ(refusal("env:POSTERN_TEST_SECRET"),
            at() + "found no environment variable POSTERN_TEST_SECRET, want it set to the secret");
}

TEST_F(Secrets, InAFileThatOthersMayReadAreRefused) {
  const std::string path = (folder_ / "open").string();
  for (mode_t mode : {0640, 0604, 0620, 0602, 0601}) {
    write("open", "hunter2", mode);
    EXPECT_THAT(refusal("file:open"), HasSubstr("open to group or others")) << std::oct << mode;
  }
  write("open", "hunter2", 0644);
  EXPECT_EQ(refusal("file:open"), at() + "found the secret " + path +
                                      " open to group or others (mode 0644), want mode 0600: chmod 600 " +
                                      path);
  write("open", "hunter2", 0400);
  EXPECT_EQ(refusal("file:open"), "resolved");
}

TEST_F(Secrets, ThatCannotBeHadSayWhy) {
  const std::string folder = folder_.string();
  EXPECT_EQ(refusal("file:gone"), at() + "found no readable file " + folder +
                                      "/gone (No such file or directory), want a file with the secret");
  fs::create_directory(folder_ / "sub");
  EXPECT_EQ(refusal("file:sub"),
            at() + "found no plain file at " + folder + "/sub, want a file with the secret");
  write("empty", "\n");
  EXPECT_EQ(refusal("file:empty"), at() + "found an empty secret behind file:empty, want the secret");
  write("large", std::string(64 * 1024 + 1, 'x'));
  EXPECT_EQ(refusal("file:large"), at() + "found a secret of 65537 bytes, want at most 64 KiB");
}

TEST_F(Secrets, BehindAPipeDoNotHoldUpTheStart) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(refusal("file:pipe"), HasSubstr("found no plain file"));
}

TEST_F(Secrets, AreNeverShown) {
  const Value value = reference("env:KEY");
  EXPECT_TRUE(value.is_secret());
  EXPECT_EQ(value.to_json(), "\"***\"");
  EXPECT_EQ(found_text(value), "a secret");
}

TEST_F(Secrets, AreAllTriedByTheCheck) {
  const Schema schema{{secret("a"), list("b", "", secret()), map("c", "", {text("url").or_secret()})}};
  auto loaded = load_text("a: env:POSTERN_NONE_1\nb: [file:none]\nc: {url: \"env:POSTERN_NONE_2\"}\n",
                          (folder_ / "firm.yaml").string(), schema);
  ASSERT_TRUE(loaded.ok()) << to_string(loaded.problems);
  auto problems = check_secrets(loaded.value);
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_EQ(problems[0].path, "a");
  EXPECT_EQ(problems[1].path, "b[0]");
  EXPECT_EQ(problems[2].path, "c.url");
}

TEST_F(Secrets, ATextThatMayBeOneIsHandedBackWhenItIsNone) {
  const Schema schema{{text("url").or_secret()}};
  auto loaded = load_text("url: sqlite:firm.db\n", "firm.yaml", schema);
  EXPECT_FALSE(loaded.value["url"].is_secret());
  EXPECT_EQ(*resolve_secret(loaded.value["url"]), "sqlite:firm.db");
}

}  // namespace
}  // namespace postern::settings
