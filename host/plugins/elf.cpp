// Layouts: System V ABI, chapters 4 and 5 (ELF header, sections, symbol table, program header, dynamic
// section).
#include "host/plugins/elf.hpp"

#include <elf.h>

#include <cstring>

namespace postern::plugins {

namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t kMostSymbols = 1'000'000;

#if defined(__x86_64__)
constexpr std::uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t kMachine = EM_AARCH64;
#else
#error "tell the plugin loader this machine's ELF number"
#endif

std::optional<Bytes> cut(Bytes bytes, std::uint64_t offset, std::uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) return std::nullopt;
  return bytes.subspan(offset, size);
}

template <class T>
std::optional<T> read_as(Bytes bytes, std::uint64_t offset) {
  auto piece = cut(bytes, offset, sizeof(T));
  if (!piece) return std::nullopt;
  T value;
  std::memcpy(&value, piece->data(), sizeof value);
  return value;
}

/// A text that ends with a zero inside `table`.
std::optional<std::string_view> text_at(Bytes table, std::uint64_t offset) {
  if (offset >= table.size()) return std::nullopt;
  const auto* begin = reinterpret_cast<const char*>(table.data()) + offset;
  const auto* end = static_cast<const char*>(std::memchr(begin, 0, table.size() - offset));
  if (end == nullptr) return std::nullopt;
  return std::string_view(begin, static_cast<std::size_t>(end - begin));
}

Error broken(std::string what) {
  return {Code::invalid, std::move(what) + "; the file is damaged: copy or build it again", {}};
}

std::string machine_name(std::uint16_t machine) {
  if (machine == EM_X86_64) return "x86-64";
  if (machine == EM_AARCH64) return "AArch64";
  return "machine " + std::to_string(machine);
}

}  // namespace

Result<ElfImage> ElfImage::read(Bytes bytes) {
  ElfImage image(bytes);
  POSTERN_CHECK(image.read_header());
  return image;
}

Result<void> ElfImage::read_header() {
  constexpr std::string_view kWanted = "; a plugin is a shared library built with postern_add_plugin()";
  if (bytes_.empty()) return {Code::invalid, "the file is empty" + std::string(kWanted)};
  if (bytes_.size() < SELFMAG || std::memcmp(bytes_.data(), ELFMAG, SELFMAG) != 0) {
    return {Code::invalid, "it is not an ELF file" + std::string(kWanted)};
  }
  auto header = read_as<Elf64_Ehdr>(bytes_, 0);
  if (!header) return broken("it ends inside its ELF header");
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB) {
    return {Code::invalid,
            "it is not a 64-bit little-endian library, which this host wants; build it on a machine like "
            "this one"};
  }
  if (header->e_machine != kMachine) {
    return {Code::invalid, "it is built for " + machine_name(header->e_machine) + ", this host for " +
                               machine_name(kMachine) + "; build it for this machine"};
  }
  if (header->e_type != ET_DYN) {
    return {Code::invalid, "it is an ELF file, but not a shared library" + std::string(kWanted)};
  }
  if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == PN_XNUM) {
    return broken("its program headers have a size this host does not know");
  }
  POSTERN_CHECK(read_segments(header->e_phoff, header->e_phnum));
  if (header->e_shoff == 0 || header->e_shnum == 0) {
    return {Code::invalid,
            "it has no section headers, so its note cannot be read; do not strip them (strip(1) keeps them)"};
  }
  if (header->e_shentsize != sizeof(Elf64_Shdr))
    return broken("its section headers have a size this host does not know");
  POSTERN_CHECK(read_sections(header->e_shoff, header->e_shnum, header->e_shstrndx));
  return read_symbols();
}

Result<void> ElfImage::read_segments(std::uint64_t offset, std::size_t count) {
  auto table = cut(bytes_, offset, count * sizeof(Elf64_Phdr));
  if (!table) return broken("it ends before its program headers do");
  for (std::size_t i = 0; i < count; ++i) {
    auto header = *read_as<Elf64_Phdr>(*table, i * sizeof(Elf64_Phdr));
    if (header.p_type != PT_LOAD && header.p_type != PT_DYNAMIC) continue;
    if (!cut(bytes_, header.p_offset, header.p_filesz)) return broken("it ends before its last segment does");
    segments_.push_back({header.p_type, header.p_vaddr, header.p_offset, header.p_filesz});
  }
  return {};
}

Result<void> ElfImage::read_sections(std::uint64_t offset, std::size_t count, std::size_t names) {
  auto table = cut(bytes_, offset, count * sizeof(Elf64_Shdr));
  if (!table) return broken("it ends before its section headers do");
  if (names >= count) return broken("its section names are missing");
  auto names_header = *read_as<Elf64_Shdr>(*table, names * sizeof(Elf64_Shdr));
  auto text = cut(bytes_, names_header.sh_offset, names_header.sh_size);
  if (!text) return broken("it ends before its section names do");
  for (std::size_t i = 0; i < count; ++i) {
    auto header = *read_as<Elf64_Shdr>(*table, i * sizeof(Elf64_Shdr));
    auto name = text_at(*text, header.sh_name);
    if (!name) return broken("section " + std::to_string(i) + " has no name");
    sections_.push_back({*name, header.sh_type, header.sh_link, header.sh_flags, header.sh_addr,
                         header.sh_offset, header.sh_size, header.sh_entsize});
  }
  return {};
}

Result<void> ElfImage::read_symbols() {
  const Section* table = nullptr;
  for (const auto& section : sections_) {
    if (section.type != SHT_DYNSYM) continue;
    if (table != nullptr) return broken("it has two tables of dynamic symbols");
    table = &section;
  }
  if (table == nullptr) return broken("it has no dynamic symbols");
  auto symbols = content(*table);
  if (!symbols || table->entry_size != sizeof(Elf64_Sym) || table->link >= sections_.size() ||
      symbols->size() / sizeof(Elf64_Sym) > kMostSymbols) {
    return broken("its table of dynamic symbols cannot be read");
  }
  auto names = content(sections_[table->link]);
  if (!names) return broken("it ends before its dynamic symbols' names do");
  POSTERN_CHECK(compare_with_dynamic(*table, sections_[table->link]));
  for (std::size_t i = 1; i < symbols->size() / sizeof(Elf64_Sym); ++i) {
    auto symbol = *read_as<Elf64_Sym>(*symbols, i * sizeof(Elf64_Sym));
    auto bind = ELF64_ST_BIND(symbol.st_info);
    if (symbol.st_shndx == SHN_UNDEF || bind == STB_LOCAL) continue;
    auto name = text_at(*names, symbol.st_name);
    if (!name) return broken("dynamic symbol " + std::to_string(i) + " has no name");
    exports_.push_back({*name, symbol.st_value, symbol.st_size, bind == STB_GNU_UNIQUE});
  }
  return {};
}

/// The loader goes by the dynamic segment, we went by section headers: they must speak of the same tables.
Result<void> ElfImage::compare_with_dynamic(const Section& symbols, const Section& names) const {
  std::uint64_t symbols_at = 0, names_at = 0;
  for (const auto& segment : segments_) {
    if (segment.type != PT_DYNAMIC) continue;
    for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= segment.size; at += sizeof(Elf64_Dyn)) {
      auto entry = *read_as<Elf64_Dyn>(bytes_, segment.offset + at);
      if (entry.d_tag == DT_NULL) break;
      if (entry.d_tag == DT_SYMTAB) symbols_at = entry.d_un.d_ptr;
      if (entry.d_tag == DT_STRTAB) names_at = entry.d_un.d_ptr;
    }
  }
  auto same = [this](std::uint64_t address, const Section& section) {
    auto mapped = at_address(address, section.size);
    auto listed = content(section);
    return address != 0 && mapped && listed && mapped->data() == listed->data();
  };
  if (same(symbols_at, symbols) && same(names_at, names)) return {};
  return broken("its section headers and its dynamic segment disagree");
}

std::optional<Bytes> ElfImage::content(const Section& section) const {
  if (section.type == SHT_NOBITS) return std::nullopt;
  return cut(bytes_, section.offset, section.size);
}

std::optional<Bytes> ElfImage::section(std::string_view name) const {
  for (const auto& section : sections_) {
    if (section.name == name && (section.flags & SHF_ALLOC) != 0) return content(section);
  }
  return std::nullopt;
}

std::optional<Bytes> ElfImage::at_address(std::uint64_t address, std::uint64_t size) const {
  for (const auto& segment : segments_) {
    if (segment.type != PT_LOAD || address < segment.address) continue;
    std::uint64_t from = address - segment.address;
    if (from <= segment.size && size <= segment.size - from) return cut(bytes_, segment.offset + from, size);
  }
  return std::nullopt;
}

}  // namespace postern::plugins
