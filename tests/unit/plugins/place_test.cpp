// Where a plugin may lie, who may have written it, and files that are no plugins at all.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "host/plugins/note.hpp"
#include "host/plugins/place.hpp"
#include "tests/unit/plugins/test_plugins.hpp"

namespace postern::plugins {
namespace {

namespace fs = std::filesystem;

class Place : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "postern-place-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root = pattern;
    folder = root / "plugins";
    fs::create_directory(folder);
    ASSERT_EQ(::chmod(folder.c_str(), 0755), 0);
    fs::copy_file(test::path("plain.so"), folder / "plain.so");
    ASSERT_EQ(::chmod((folder / "plain.so").c_str(), 0644), 0);
  }
  void TearDown() override { fs::remove_all(root); }

  std::string refusal(const fs::path& path) const {
    auto library = Library::load(folder, path);
    return library.ok() ? "loaded" : library.error().message;
  }
  fs::path write(const std::string& name, std::string_view content) const {
    std::ofstream(folder / name, std::ios::binary) << content;
    ::chmod((folder / name).c_str(), 0644);
    return folder / name;
  }
  static std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path root, folder;
};

TEST_F(Place, TakesAFileThatOnlyItsOwnerCanWrite) { EXPECT_EQ(refusal(folder / "plain.so"), "loaded"); }

TEST_F(Place, RefusesAFileThatOthersCanWrite) {
  for (mode_t mode : {0666, 0664}) {
    ASSERT_EQ(::chmod((folder / "plain.so").c_str(), mode), 0);
    EXPECT_EQ(refusal(folder / "plain.so"),
              "refused plain.so: the file can be written to by others, this host wants its owner alone; run "
              "chmod go-w on "
              "it");
  }
}

TEST_F(Place, RefusesAFolderThatOthersCanWrite) {
  ASSERT_EQ(::chmod(folder.c_str(), 0777), 0);
  EXPECT_EQ(refusal(folder / "plain.so"),
            "refused plain.so: its folder can be written to by others, this host wants its owner alone; run "
            "chmod go-w on "
            "it");
}

TEST_F(Place, RefusesAFileOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  ASSERT_EQ(::chown((folder / "plain.so").c_str(), 12345, 12345), 0);
  EXPECT_EQ(refusal(folder / "plain.so"),
            "refused plain.so: the file belongs to user 12345, this host wants root or user 0; change its "
            "owner with chown");
}

TEST_F(Place, RefusesAPathThatIsNotAbsolute) {
  EXPECT_EQ(refusal("plain.so"), "refused plain.so: its path is not absolute; write it in full");
}

TEST_F(Place, RefusesALinkOutOfTheFolder) {
  fs::create_directory(root / "elsewhere");
  fs::copy_file(test::path("plain.so"), root / "elsewhere" / "plain.so");
  fs::create_symlink(root / "elsewhere" / "plain.so", folder / "link.so");
  EXPECT_EQ(refusal(folder / "link.so"), "refused link.so: it lies in " + (root / "elsewhere").string() +
                                             ", this host takes plugins from " + folder.string() +
                                             "; copy it there");
  EXPECT_EQ(refusal(folder / ".." / "elsewhere" / "plain.so"),
            "refused plain.so: it lies in " + (root / "elsewhere").string() +
                ", this host takes plugins from " + folder.string() + "; copy it there");
}

TEST_F(Place, FollowsALinkInsideTheFolder) {
  fs::create_symlink(folder / "plain.so", folder / "link.so");
  EXPECT_EQ(refusal(folder / "link.so"), "loaded");
}

TEST_F(Place, RefusesWhatIsNotAFile) {
  fs::create_directory(folder / "folder.so");
  EXPECT_EQ(refusal(folder / "folder.so"),
            "refused folder.so: it is not a regular file; a plugin is a shared library built with "
            "postern_add_plugin()");
  ASSERT_EQ(::mkfifo((folder / "pipe.so").c_str(), 0600), 0);
  EXPECT_EQ(refusal(folder / "pipe.so"),
            "refused pipe.so: it is not a regular file; a plugin is a shared library built with "
            "postern_add_plugin()");
}

TEST_F(Place, RefusesAMissingFile) {
  EXPECT_EQ(refusal(folder / "nobody.so"), "refused nobody.so: it cannot be read: No such file or directory");
}

TEST_F(Place, RefusesAHugeFileWithoutReadingIt) {
  auto path = write("huge.so", "\177ELF");
  ASSERT_EQ(::truncate(path.c_str(), 300LL * 1024 * 1024), 0);
  EXPECT_EQ(
      refusal(path),
      "refused huge.so: it has 314572800 bytes, this host takes 268435456; strip it, or keep data out of it");
}

TEST_F(Place, RefusesFilesThatAreNoLibraries) {
  EXPECT_EQ(
      refusal(write("empty.so", "")),
      "refused empty.so: the file is empty; a plugin is a shared library built with postern_add_plugin()");
  EXPECT_EQ(
      refusal(write("junk.so", "#!/bin/sh\necho hello\n")),
      "refused junk.so: it is not an ELF file; a plugin is a shared library built with postern_add_plugin()");
  EXPECT_EQ(refusal(write("short.so", "\177ELF")),
            "refused short.so: it ends inside its ELF header; the file is damaged: copy or build it again");
}

TEST_F(Place, RefusesATruncatedLibrary) {
  auto whole = read(folder / "plain.so");
  EXPECT_EQ(
      refusal(write("cut.so", std::string_view(whole).substr(0, whole.size() - 100))),
      "refused cut.so: it ends before its section headers do; the file is damaged: copy or build it again");
  EXPECT_EQ(
      refusal(write("half.so", std::string_view(whole).substr(0, 100))),
      "refused half.so: it ends before its program headers do; the file is damaged: copy or build it again");
}

TEST_F(Place, RefusesALibraryForAnotherMachineOrKind) {
  auto bytes = read(folder / "plain.so");
  auto patched = [&](std::size_t at, char value) {
    auto copy = bytes;
    copy[at] = value;
    return copy;
  };
  EXPECT_THAT(refusal(write("machine.so", patched(18, '\x08'))),
              ::testing::StartsWith("refused machine.so: it is built for machine 8, this host for "));
  EXPECT_EQ(refusal(write("class.so", patched(4, '\x01'))),
            "refused class.so: it is not a 64-bit little-endian library, which this host wants; build it on "
            "a machine "
            "like this one");
  EXPECT_EQ(refusal(write("program.so", patched(16, '\x02'))),
            "refused program.so: it is an ELF file, but not a shared library; a plugin is a shared library "
            "built with "
            "postern_add_plugin()");
}

TEST_F(Place, NeverCrashesOnADamagedLibrary) {
  auto whole = read(folder / "plain.so");
  unsigned state = 1;
  for (int round = 0; round < 2000; ++round) {
    auto copy = whole;
    for (int i = 0; i < 1 + round % 8; ++i) {
      state = state * 1664525U + 1013904223U;
      // Half of the changes hit the headers at both ends, where they hurt most.
      std::size_t at = (state >> 8) % copy.size();
      if (round % 2 == 0) at = (state >> 8) % 4096 + (round % 4 == 0 ? 0 : copy.size() - 4096);
      copy[at] = static_cast<char>(state >> 24);
    }
    // Either answer is fine; it must come back, and read nothing outside of the bytes.
    auto note = read_note(std::as_bytes(std::span(copy)));
    EXPECT_TRUE(note.ok() || !note.error().message.empty());
  }
}

TEST_F(Place, KeepsTheBytesThatWereCheckedEvenWhenTheFileChanges) {
  auto sealed = SealedFile::read(folder, folder / "plain.so");
  ASSERT_TRUE(sealed.ok());
  auto before = read(folder / "plain.so");
  write("plain.so", "something else");
  auto bytes = (*sealed)->bytes();
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()), before);
  auto path = (*sealed)->keep_for_loading();
  int descriptor = std::stoi(path.substr(path.rfind('/') + 1));
  EXPECT_EQ(::pwrite(descriptor, "x", 1, 0), -1) << "sealed memory must refuse a write";
  EXPECT_EQ(::ftruncate(descriptor, 0), -1);
  ::close(descriptor);
}

TEST_F(Place, LoadsTwoPluginsUnderDifferentDescriptors) {
  fs::copy_file(test::path("hello.so"), folder / "hello.so");
  auto plain = Library::load(folder, folder / "plain.so");
  auto hello = Library::load(folder, folder / "hello.so");
  ASSERT_TRUE(plain.ok() && hello.ok());
  EXPECT_EQ((*plain)->manifest().id, "bad");
  EXPECT_EQ((*hello)->manifest().id, "hello");
  testing::FakeHost host;
  auto instance = Instance::start(*hello, host, host.settings);
  ASSERT_TRUE(instance.ok()) << instance.error().message;
  EXPECT_TRUE((*instance)->has(Door::staff))
      << "the second library must not be the first one under another name";
}

}  // namespace
}  // namespace postern::plugins
