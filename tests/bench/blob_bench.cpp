// Writes and reads one blob, plain and encrypted, beside what the machine can do without us: a bare copy with
// fsync, SHA-256 and AES-256-GCM alone. Runs alternate; each line is the median of the rounds with minimum
// and maximum.
//
//   blob_bench [folder [MiB [rounds]]]
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "host/services/blobs.hpp"
#include "host/services/disk.hpp"

namespace {

using namespace postern;
using namespace postern::services;

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Run {
  double megabytes_per_second;
  double cpu_per_gib;
};

std::map<std::string, std::vector<Run>> runs;
std::vector<std::string> order;

void measure(const std::string& name, std::size_t bytes, const std::function<void()>& work) {
  if (!runs.contains(name)) order.push_back(name);
  const double cpu = cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  runs[name].push_back({static_cast<double>(bytes) * 1e-6 / took.count(),
                        (cpu_seconds() - cpu) * 1024 * 1024 * 1024 / static_cast<double>(bytes)});
}

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "blob_bench: %s\n", why.c_str());
  std::exit(1);
}

template <class T>
T sure(Result<T> result) {
  if (!result.ok()) give_up(result.error().message);
  return *std::move(result);
}

Blob put(BlobStore& store, const std::vector<std::byte>& piece, std::size_t bytes) {
  auto writer = sure(store.create(static_cast<std::int64_t>(bytes)));
  for (std::size_t done = 0; done < bytes; done += piece.size())
    if (const auto written = writer->write(piece); !written.ok()) give_up(written.error().message);
  return sure(writer->finish());
}

void get(BlobStore& store, const Blob& blob, std::vector<std::byte>& room) {
  const auto reader = sure(store.read(blob));
  for (std::int64_t at = 0; at < blob.bytes;) at += static_cast<std::int64_t>(sure(reader->read(at, room)));
}

void bare_copy(const std::string& path, const std::vector<std::byte>& piece, std::size_t bytes) {
  const disk::Descriptor file = disk::open(path, O_WRONLY | O_CREAT | O_TRUNC);
  for (std::size_t done = 0; done < bytes; done += piece.size())
    if (disk::write_all(file.get(), piece) != 0) give_up("cannot write " + path);
  if (::fdatasync(file.get()) != 0) give_up("cannot sync " + path);
}

}  // namespace

int main(int count, char** values) {
  const std::string folder =
      count > 1 ? values[1] : (std::filesystem::temp_directory_path() / "postern-blob-bench").string();
  const std::size_t bytes = (count > 2 ? std::strtoull(values[2], nullptr, 10) : 512) << 20;
  const int rounds = count > 3 ? std::atoi(values[3]) : 5;
  std::vector<std::byte> piece(256 * 1024);
  crypto::random(piece);
  std::vector<std::byte> room(256 * 1024);
  std::vector<std::byte> sealed(64 * 1024 + 16);
  const crypto::Key key = crypto::Key::random();
  const auto plain = sure(BlobStore::open({folder + "/plain", false, 0}, key));
  const auto encrypted = sure(BlobStore::open({folder + "/encrypted", true, 0}, key));

  for (int round = 0; round <= rounds; ++round) {
    if (round == 1) runs.clear(), order.clear();  // the first one warms up
    measure("write and fdatasync, bare", bytes, [&] { bare_copy(folder + "/bare", piece, bytes); });
    Blob first;
    measure("write blob, plain", bytes, [&] { first = put(*plain, piece, bytes); });
    measure("read blob, plain", bytes, [&] { get(*plain, first, room); });
    measure("write blob, encrypted", bytes, [&] { first = put(*encrypted, piece, bytes); });
    measure("read blob, encrypted", bytes, [&] { get(*encrypted, first, room); });
    measure("SHA-256 alone", bytes, [&] {
      crypto::Sha256 hash;
      for (std::size_t done = 0; done < bytes; done += piece.size()) hash.update(piece);
      hash.finish();
    });
    measure("CRC-32 alone", bytes, [&] {
      std::uint32_t sum = 0;
      for (std::size_t done = 0; done < bytes; done += piece.size()) sum = crypto::crc32(sum, piece);
      if (sum == 1) std::puts("");
    });
    measure("AES-256-GCM frames alone", bytes, [&] {
      crypto::FrameCipher cipher(key);
      for (std::size_t done = 0; done < bytes; done += 64 * 1024)
        cipher.seal(done, false, std::span(piece).first(64 * 1024), sealed);
    });
    std::filesystem::remove_all(folder + "/plain");
    std::filesystem::remove_all(folder + "/encrypted");
    std::filesystem::create_directories(folder + "/plain/tmp");
    std::filesystem::create_directories(folder + "/encrypted/tmp");
  }
  std::filesystem::remove_all(folder);

  std::printf("%-28s %8s %8s %8s %12s\n", "", "MB/s", "min", "max", "CPU s/GiB");
  for (const std::string& name : order) {
    auto& all = runs[name];
    std::sort(all.begin(), all.end(),
              [](const Run& a, const Run& b) { return a.megabytes_per_second < b.megabytes_per_second; });
    const Run& middle = all[all.size() / 2];
    std::printf("%-28s %8.0f %8.0f %8.0f %12.2f\n", name.c_str(), middle.megabytes_per_second,
                all.front().megabytes_per_second, all.back().megabytes_per_second, middle.cpu_per_gib);
  }
}
