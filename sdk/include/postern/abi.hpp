// Layer 0 of the plugin boundary: the descriptor, plain data that any compiler can read and that the host
// reads out of the file's bytes before it runs a line of it. Also the place that pins the layout of every
// struct that crosses.
//
// Each change to this file, or to an interface, has its dated line in sdk/ABI.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "postern/documents.hpp"
#include "postern/door.hpp"
#include "postern/notifier.hpp"
#include "postern/plugin.hpp"

namespace postern::abi {

constexpr char kMagic[8] = {'P', 'o', 's', 't', 'e', 'r', 'n', '\0'};
constexpr std::uint32_t kAbi = 1;
/// The one symbol a plugin exports: a `const Descriptor`.
constexpr char kSymbol[] = "postern_plugin";
/// The note (an ELF note named "Postern" of this type) holds manifest.yaml, byte for byte.
constexpr char kNoteSection[] = ".note.postern";
constexpr char kNoteName[8] = {'P', 'o', 's', 't', 'e', 'r', 'n', '\0'};
constexpr std::uint32_t kNoteManifest = 1;
/// Records of u32 path length, u32 content length, path, content (little-endian, unpadded): pages/,
/// messages/, web/, schema.sql, openapi.yaml.
constexpr char kFilesSection[] = ".postern.files";

/// What changes the layout of a C++ object between two compilers of one machine. `__GXX_ABI_VERSION` is left
/// out on purpose: clang 14 says 1002, g++ 12 says 1017, and they work together.
struct Tag {
  std::uint32_t cxx11_abi;        // _GLIBCXX_USE_CXX11_ABI
  std::uint32_t size_of_string;   // sizeof(std::string)
  std::uint32_t size_of_vector;   // sizeof(std::vector<int>): 24, or 56 with debug containers
  std::uint32_t size_of_pointer;  // sizeof(void*)
  std::uint32_t libstdcxx;        // _GLIBCXX_RELEASE
  std::uint32_t reserved;
  char compiler[40];  // for messages only
};

/// One step of the lifecycle. 0 is Code::ok, everything else the number of a Code. None of them throws.
using Create = void* (*)(ErrorSink* error) noexcept;  // null: failed
using Configure = std::int32_t (*)(void* plugin, Host* host, const Settings* settings,
                                   ErrorSink* error) noexcept;
using Step = std::int32_t (*)(void* plugin, ErrorSink* error) noexcept;
using OpenDoor = void* (*)(void* plugin, const char* id) noexcept;  // null: it does not open this door
using Destroy = void (*)(void* plugin) noexcept;

/// Fields frozen for ever in this order. A later descriptor is longer; `size` says how long.
struct Descriptor {
  char magic[8];
  std::uint32_t abi;
  std::uint32_t size;  // of this struct, as the plugin's compiler saw it
  Tag tag;
  char id[40];  // both as in the manifest, padded with zeros
  char version[32];
  Create create;
  Configure configure;
  Step start;
  OpenDoor door;
  Step drain;
  Step stop;
  Destroy destroy;
};

/// The part of a descriptor that needs no relocation: the same in the file as in memory.
constexpr std::size_t kPlainSize = offsetof(Descriptor, create);

namespace detail {

template <std::size_t N>
constexpr void copy_text(char (&to)[N], const char* from) {
  std::size_t i = 0;
  for (; i + 1 < N && from[i] != '\0'; ++i) to[i] = from[i];
  for (; i < N; ++i) to[i] = '\0';
}

}  // namespace detail

/// The tag of the compiler that is reading this. [any thread]
constexpr Tag this_toolchain() {
  Tag tag{};
  tag.cxx11_abi = _GLIBCXX_USE_CXX11_ABI;
  tag.size_of_string = sizeof(std::string);
  tag.size_of_vector = sizeof(std::vector<int>);
  tag.size_of_pointer = sizeof(void*);
  tag.libstdcxx = _GLIBCXX_RELEASE;
#ifdef __clang__
  detail::copy_text(tag.compiler, "clang " __clang_version__);
#else
  detail::copy_text(tag.compiler, "g++ " __VERSION__);
#endif
  return tag;
}

// Layouts. A change here is a change of kAbi.
static_assert(sizeof(void*) == 8, "the layouts below are those of a 64-bit machine");
static_assert(sizeof(Tag) == 64);
static_assert(offsetof(Descriptor, tag) == 16 && offsetof(Descriptor, id) == 80);
static_assert(offsetof(Descriptor, version) == 120 && kPlainSize == 152);
static_assert(sizeof(Descriptor) == 208 && std::is_standard_layout_v<Descriptor>);
static_assert(sizeof(std::string_view) == 16 && sizeof(Timestamp) == 8);
static_assert(sizeof(Value) == 32 && offsetof(Value, integer) == 8 && offsetof(Value, text) == 16);
static_assert(sizeof(Recipient) == 72 && offsetof(Recipient, name) == 8 &&
              offsetof(Recipient, language) == 56);
static_assert(sizeof(LinkSpec) == 128 && offsetof(LinkSpec, resource) == 8 &&
              offsetof(LinkSpec, recipient) == 24);
static_assert(offsetof(LinkSpec, not_before) == 96 && offsetof(LinkSpec, issued_by) == 112);
static_assert(sizeof(LinkInfo) == 200 && offsetof(LinkInfo, recipient) == 56 &&
              offsetof(LinkInfo, issued) == 128);
static_assert(offsetof(LinkInfo, uses) == 168 && offsetof(LinkInfo, issued_by) == 184);
static_assert(sizeof(DocumentInfo) == 120 && offsetof(DocumentInfo, sha256) == 88);
static_assert(offsetof(DocumentInfo, bytes) == 104 && offsetof(DocumentInfo, created) == 112);
static_assert(sizeof(Message) == 192 && offsetof(Message, recipient) == 24 && offsetof(Message, link) == 96);
static_assert(offsetof(Message, reference) == 176);
static_assert(sizeof(Grant) == 240 && offsetof(Grant, link) == 8 && offsetof(Grant, path) == 208);
static_assert(sizeof(Member) == 72 && offsetof(Member, role) == 56);

}  // namespace postern::abi
