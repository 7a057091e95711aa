// Blobs: what goes in comes out, nothing half-written stays.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <sstream>
#include <thread>

#include "host/services/disk.hpp"
#include "tests/unit/services/blobs_fixture.hpp"

namespace postern::services {
namespace {

class BothBlobs : public BlobsBase, public ::testing::TestWithParam<bool> {};

TEST_P(BothBlobs, ComeOutAsTheyWentIn) {
  const auto blobs = store(GetParam());
  for (const std::int64_t size :
       {std::int64_t{0}, std::int64_t{1}, kFrame - 1, kFrame, kFrame + 1, 2 * kFrame - 1, 2 * kFrame,
        2 * kFrame + 1, 9 * kFrame, 10 * kFrame + 17, std::int64_t{20'000'000}}) {
    const std::string data = noise(static_cast<std::size_t>(size));
    const Blob blob = put(*blobs, data);
    EXPECT_EQ(blob.bytes, size);
    EXPECT_EQ(blob.sha256, crypto::hex(crypto::sha256(data)));
    EXPECT_EQ(blob.crc32, std::int64_t{crypto::crc32(0, crypto::bytes(data))});
    EXPECT_EQ(blob.type, "application/octet-stream");
    EXPECT_EQ(blob.wrapped_key.empty(), !GetParam());
    const auto back = get_all(*blobs, blob);
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_TRUE(*back == data) << size;
    EXPECT_EQ(files("/tmp"), 0U);
  }
}

TEST_P(BothBlobs, AreTheSameHoweverTheyArePieced) {
  const auto blobs = store(GetParam());
  const std::string data = noise(3 * kFrame + 5);
  for (const std::size_t piece : {1UL, 7UL, 16'384UL, 65'535UL, 65'536UL, 65'537UL, 1'000'000UL}) {
    const Blob blob = put(*blobs, data, piece);
    EXPECT_EQ(blob.sha256, crypto::hex(crypto::sha256(data)));
    EXPECT_TRUE(get_all(*blobs, blob).value() == data) << piece;
  }
}

TEST_P(BothBlobs, CanBeReadFromAnywhere) {
  const auto blobs = store(GetParam());
  std::mt19937_64 random(7);
  for (const std::int64_t size :
       {std::int64_t{1}, kFrame - 1, kFrame, kFrame + 1, 5 * kFrame - 1, 5 * kFrame, 12 * kFrame + 333}) {
    const std::string data = noise(static_cast<std::size_t>(size), 2);
    const Blob blob = put(*blobs, data);
    const auto reader = blobs->read(blob).value();
    EXPECT_EQ(reader->bytes(), size);
    for (int i = 0; i < 300; ++i) {
      // Half of the reads begin or end beside a border of frames.
      const auto near = [&] {
        return static_cast<std::int64_t>(random() % 14) * kFrame + static_cast<std::int64_t>(random() % 5) -
               2;
      };
      const auto any = [&] {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(size + 10));
      };
      const auto offset = std::clamp<std::int64_t>(i % 2 == 0 ? near() : any(), 0, size + 10);
      const auto length = std::clamp<std::int64_t>(i % 3 == 0 ? near() : any(), 0, size + 10);
      const auto got = get(*reader, offset, static_cast<std::size_t>(length));
      ASSERT_TRUE(got.ok()) << got.error().message;
      const auto wanted =
          offset >= size ? ""
                         : data.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
      ASSERT_TRUE(*got == wanted) << size << " bytes, " << length << " from " << offset;
    }
    EXPECT_EQ(get(*reader, -1, 10).value(), "") << "before the beginning there is nothing";
    EXPECT_EQ(get(*reader, INT64_MAX, 10).value(), "");
  }
}

TEST_P(BothBlobs, AbandonedLeaveNothing) {
  const auto blobs = store(GetParam());
  {
    auto writer = blobs->create(std::nullopt).value();
    EXPECT_TRUE(writer->write(crypto::bytes(noise(3'000'000))).ok());
    EXPECT_EQ(files(), 1U);
  }
  EXPECT_EQ(files(), 0U);
}

TEST_P(BothBlobs, AreFinishedOnce) {
  const auto blobs = store(GetParam());
  auto writer = blobs->create(std::nullopt).value();
  ASSERT_TRUE(writer->finish().ok());
  EXPECT_EQ(writer->finish().code(), Code::internal);
  writer.reset();
  EXPECT_EQ(files(), 1U) << "what is finished stays";
}

TEST_P(BothBlobs, AreRefusedWhenTooLittleSpaceWouldStayFree) {
  const auto blobs = store(GetParam(), std::int64_t{1} << 60);
  for (const auto expected : {std::optional<std::int64_t>(), std::optional<std::int64_t>(1)}) {
    const auto writer = blobs->create(expected);
    ASSERT_EQ(writer.code(), Code::no_space);
    EXPECT_NE(writer.error().message.find("The storage is full: "), std::string::npos)
        << writer.error().message;
    EXPECT_NE(writer.error().message.find(" 1099511627776 MiB must stay free"), std::string::npos);
  }
  EXPECT_EQ(store(GetParam())->create(std::int64_t{1} << 60).code(), Code::no_space)
      << "more than the disk has";
  EXPECT_EQ(files(), 0U);
}

TEST_P(BothBlobs, CountTheSpaceThatOthersWerePromised) {
  const auto blobs = store(GetParam());
  const auto half = static_cast<std::int64_t>(fs::space(place_.path()).available / 10 * 6);
  {
    const auto first = blobs->create(half);
    ASSERT_TRUE(first.ok()) << first.error().message;
    EXPECT_EQ(blobs->create(half).code(), Code::no_space);
  }
  EXPECT_TRUE(blobs->create(half).ok()) << "the promise ended with its writer";
}

TEST_P(BothBlobs, OnAFullDiskFailForGoodAndLeaveNothing) {
  const auto blobs = store(GetParam());
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit unlimited{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &unlimited), 0);
  const rlimit small{1 << 20, unlimited.rlim_max};
  {
    auto writer = blobs->create(std::nullopt).value();
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto written = writer->write(crypto::bytes(noise(2 << 20)));
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &unlimited), 0);
    EXPECT_EQ(written.code(), Code::no_space);
    EXPECT_EQ(writer->write(crypto::bytes("more")).code(), Code::no_space) << "a failed blob stays failed";
    EXPECT_EQ(writer->finish().code(), Code::no_space);
  }
  std::signal(SIGXFSZ, before);
  EXPECT_EQ(files(), 0U);
}

/// The open descriptor of the one file below `folder`, -1 when there is none.
int descriptor_below(const std::string& folder) {
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    if (fs::read_symlink(entry.path(), ignored).string().starts_with(folder))
      return std::stoi(entry.path().filename());
  }
  return -1;
}

TEST_P(BothBlobs, WhoseSyncFailsAreLostForGood) {
  const auto blobs = store(GetParam());
  {
    auto writer = blobs->create(std::nullopt).value();
    ASSERT_TRUE(writer->write(crypto::bytes("content")).ok());
    const int file = descriptor_below(folder() + "/tmp/");
    ASSERT_GE(file, 0);
    int pipe[2];
    ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
    ASSERT_EQ(::dup2(pipe[1], file), file);  // takes what is written, and cannot be synced
    const auto blob = writer->finish();
    EXPECT_EQ(blob.code(), Code::internal);
    EXPECT_THAT(blob.error().message, ::testing::EndsWith(" cannot be written: Invalid argument."));
    EXPECT_EQ(writer->finish().error().message, blob.error().message) << "never tried again";
    EXPECT_FALSE(writer->write(crypto::bytes("more")).ok());
    ::close(pipe[0]);
    ::close(pipe[1]);
  }
  EXPECT_EQ(files(), 0U);
}

TEST_P(BothBlobs, SurviveATidiedFolder) {
  const auto blobs = store(GetParam());
  for (const auto& entry : fs::directory_iterator(folder()))
    if (entry.path().filename() != "tmp") fs::remove(entry.path());
  EXPECT_EQ(get_all(*blobs, put(*blobs, "content")).value(), "content");
}

TEST_P(BothBlobs, ThatWereCutAreRefusedAtOpening) {
  const auto blobs = store(GetParam());
  const std::string data = noise(3 * kFrame);
  const Blob blob = put(*blobs, data);
  const std::string whole = raw(blob);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{10}, std::size_t{kFrame}, whole.size() - 1, whole.size() + 1}) {
    put_raw(blob, (whole + "x").substr(0, size));
    const auto reader = blobs->read(blob);
    ASSERT_EQ(reader.code(), Code::internal) << size;
    EXPECT_EQ(reader.error().message, "Blob " + blob.id + " is damaged: its file has " +
                                          std::to_string(size) + " bytes instead of " +
                                          std::to_string(whole.size()) + "; restore it from the backup.");
  }
}

TEST_P(BothBlobs, ThatAreGoneSaySo) {
  const auto blobs = store(GetParam());
  const Blob blob = put(*blobs, "x");
  ASSERT_TRUE(blobs->remove(blob.id).ok());
  EXPECT_TRUE(blobs->remove(blob.id).ok()) << "removed twice is removed";
  EXPECT_EQ(blobs->read(blob).error().message,
            "Blob " + blob.id + " cannot be read: No such file or directory.");
  for (const char* id : {"", "x", "../../../../etc/passwd", "00000000-0000-0000-0000-0000000000/."}) {
    Blob other = blob;
    other.id = id;
    EXPECT_EQ(blobs->read(other).code(), Code::not_found) << id;
    EXPECT_EQ(blobs->remove(id).code(), Code::not_found) << id;
  }
}

TEST_P(BothBlobs, ThatNobodyKnowsAreSweptWhenTheyAreOld) {
  const auto blobs = store(GetParam());
  const Blob kept = put(*blobs, "kept");
  const Blob lost = put(*blobs, "lost");
  EXPECT_EQ(blobs->sweep({0}, nobody_knows).value(), 0) << "young";
  EXPECT_EQ(blobs->sweep(kFuture, [&](std::string_view id) { return id == kept.id; }).value(), 1);
  EXPECT_TRUE(get_all(*blobs, kept).ok());
  EXPECT_FALSE(get_all(*blobs, lost).ok());
}

TEST_P(BothBlobs, BeingWrittenAreNotSwept) {
  const auto blobs = store(GetParam());
  auto writer = blobs->create(std::nullopt).value();
  ASSERT_TRUE(writer->write(crypto::bytes("alive")).ok());
  std::ofstream(folder() + "/tmp/dead") << "dead";
  EXPECT_EQ(blobs->sweep(kFuture, nobody_knows).value(), 1);
  EXPECT_FALSE(fs::exists(folder() + "/tmp/dead"));
  const auto blob = writer->finish();
  ASSERT_TRUE(blob.ok()) << blob.error().message;
  EXPECT_EQ(get_all(*blobs, *blob).value(), "alive");
}

TEST_P(BothBlobs, AreReadAfterTheSwitchForNewOnesWasTurned) {
  const Blob blob = put(*store(GetParam()), "written before");
  EXPECT_EQ(get_all(*store(!GetParam()), blob).value(), "written before");
}

TEST_P(BothBlobs, ArePrivate) {
  const auto blobs = store(GetParam());
  const Blob blob = put(*blobs, "x");
  struct stat file {};
  struct stat place {};
  ASSERT_EQ(::stat(path(blob).c_str(), &file), 0);
  ASSERT_EQ(::stat(folder().c_str(), &place), 0);
  EXPECT_EQ(file.st_mode & 07777U, 0600U);
  EXPECT_EQ(place.st_mode & 07777U, 0700U);
}

INSTANTIATE_TEST_SUITE_P(Stored, BothBlobs, ::testing::Values(false, true),
                         [](const auto& test) { return test.param ? "encrypted" : "plain"; });

TEST_P(BothBlobs, AreWrittenAndReadByManyThreadsAtOnce) {
  const auto blobs = store(GetParam());
  std::vector<std::thread> threads;
  std::atomic<int> sound{0};
  for (unsigned i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      for (unsigned round = 0; round < 5; ++round) {
        const std::string data = noise(100'000 + i * 1000, i * 100 + round);
        const Blob blob = put(*blobs, data);
        if (get_all(*blobs, blob).value() == data) ++sound;
        EXPECT_TRUE(blobs->sweep({0}, nobody_knows).ok());
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(sound, 40);
}

// Writes blobs of many sizes for ever and says so, a line each.
[[noreturn]] void write_until_killed(BlobStore& blobs, int say, unsigned seed) {
  for (unsigned i = seed;; ++i) {
    const std::string data = noise((std::size_t{i} * 104'729) % 300'000, i);
    auto writer = blobs.create(std::nullopt);
    if (!writer.ok() || !(*writer)->write(crypto::bytes(data)).ok()) ::_exit(1);
    const auto blob = (*writer)->finish();
    if (!blob.ok()) ::_exit(1);
    const std::string line = blob->id + " " + std::to_string(blob->bytes) + " " + blob->sha256 + " " +
                             (blob->wrapped_key.empty() ? "-" : blob->wrapped_key) + "\n";
    if (::write(say, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(1);
  }
}

// The child is killed a random moment after a random number of acknowledgements.
TEST_P(BothBlobs, AcknowledgedSurviveAKill) {
  std::mt19937_64 random(11);
  std::map<std::string, Blob> acknowledged;
  for (unsigned round = 0; round < 50; ++round) {
    int said[2];
    ASSERT_EQ(::pipe2(said, O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) write_until_killed(*store(GetParam()), said[1], round * 1000);
    ::close(said[1]);
    std::string lines;
    std::array<char, 4096> room{};
    const auto listen = [&] {
      const auto got = ::read(said[0], room.data(), room.size());
      if (got > 0) lines.append(room.data(), static_cast<std::size_t>(got));
      return got > 0;
    };
    const auto wanted = static_cast<std::ptrdiff_t>(random() % 4 + 1);
    while (std::count(lines.begin(), lines.end(), '\n') < wanted && listen()) continue;
    ::usleep(static_cast<useconds_t>(random() %
                                     6'000));  // where in the next blob the kill falls: nothing is waited for
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child failed by itself";
    while (listen()) continue;
    ::close(said[0]);
    std::istringstream read(lines);
    for (Blob blob; read >> blob.id >> blob.bytes >> blob.sha256 >> blob.wrapped_key;) {
      if (blob.wrapped_key == "-") blob.wrapped_key.clear();
      acknowledged[blob.id] = blob;
    }
  }
  EXPECT_GE(acknowledged.size(), 50U);
  const auto blobs = store(GetParam());
  EXPECT_TRUE(
      blobs->sweep(kFuture, [&](std::string_view id) { return acknowledged.contains(std::string(id)); })
          .ok());
  EXPECT_EQ(files("/tmp"), 0U);
  EXPECT_EQ(files(), acknowledged.size());
  for (const auto& [id, blob] : acknowledged) {
    const auto data = get_all(*blobs, blob);
    ASSERT_TRUE(data.ok()) << data.error().message;
    EXPECT_EQ(crypto::hex(crypto::sha256(*data)), blob.sha256);
  }
}

}  // namespace
}  // namespace postern::services
