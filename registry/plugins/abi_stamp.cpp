// SPDX-License-Identifier: Apache-2.0
#include <assay/registry/plugins/abi_stamp.h>
#include <c10/util/Exception.h>
#include <link.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace assay {
namespace {

using Bytes = std::span<const std::byte>;
using FileHeader = ElfW(Ehdr);
using Segment = ElfW(Phdr);
using NoteHeader = ElfW(Nhdr);

// `size` bytes from `offset` on. Errors: ValueError where the file ends before.
Bytes part(Bytes file, std::size_t offset, std::size_t size, const char* what) {
  TORCH_CHECK_VALUE(offset <= file.size() && size <= file.size() - offset,
                    "a damaged library: its ", what, " goes beyond its end");
  return file.subspan(offset, size);
}

template <class T>
T read(Bytes file, std::size_t offset, const char* what) {
  T value;
  std::memcpy(&value, part(file, offset, sizeof(T), what).data(), sizeof(T));
  return value;
}

FileHeader file_header(Bytes file) {
  constexpr std::size_t word_class = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
  constexpr std::size_t byte_order =
      std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
  TORCH_CHECK_VALUE(
      file.size() >= sizeof(FileHeader) && std::memcmp(file.data(), ELFMAG, SELFMAG) == 0,
      "no shared library");
  const auto header = read<FileHeader>(file, 0, "header");
  TORCH_CHECK_VALUE(header.e_ident[EI_CLASS] == word_class && header.e_ident[EI_DATA] == byte_order,
                    "a library for another kind of machine");
  TORCH_CHECK_VALUE(header.e_type == ET_DYN, "no shared library, though an ELF file");
  TORCH_CHECK_VALUE(header.e_phnum == 0 || header.e_phentsize == sizeof(Segment),
                    "a damaged library: its segments' headers have ", header.e_phentsize,
                    " bytes, expected ", sizeof(Segment));
  return header;
}

std::optional<AbiStamp> stamp_in_notes(Bytes notes) {
  constexpr AbiNote expected{.stamp = {}};
  // Owner and content of each note are padded to whole words.
  const auto padded = [](std::size_t size) { return (size + 3) / 4 * 4; };
  while (notes.size() >= sizeof(NoteHeader)) {
    const auto header = read<NoteHeader>(notes, 0, "notes");
    const auto owner = part(notes, sizeof(NoteHeader), padded(header.n_namesz), "notes");
    const auto begin = sizeof(NoteHeader) + owner.size();
    const auto content = part(notes, begin, header.n_descsz, "notes");
    if (header.n_namesz == expected.owner_size && header.n_type == AbiNote::stamp_type &&
        std::memcmp(owner.data(), expected.owner.data(), header.n_namesz) == 0) {
      TORCH_CHECK_VALUE(content.size() == sizeof(AbiStamp), "a plugin whose stamp has ",
                        content.size(), " bytes, expected ", sizeof(AbiStamp));
      return read<AbiStamp>(content, 0, "stamp");
    }
    notes = notes.subspan(std::min(notes.size(), begin + padded(content.size())));
  }
  return std::nullopt;
}

std::string version(const std::array<std::uint32_t, 3>& numbers) {
  return std::to_string(numbers[0]) + "." + std::to_string(numbers[1]) + "." +
         std::to_string(numbers[2]);
}

}  // namespace

std::string to_string(const AbiStamp& stamp) {
  static constexpr std::array strings = {"libstdc++ with strings before C++11",
                                         "libstdc++ with C++11 strings", "libc++"};
  return "assay " + version(stamp.assay) + ", LibTorch " + version(stamp.torch) +
         ", nlohmann_json " + version(stamp.json) + ", " +
         (stamp.strings < strings.size() ? strings[stamp.strings] : "an unknown C++ library");
}

bool compatible(const AbiStamp& plugin, const AbiStamp& own) {
  auto same_patch = plugin;
  same_patch.assay[2] = own.assay[2];
  return same_patch == own;
}

std::optional<AbiStamp> find_stamp(Bytes file) {
  const auto header = file_header(file);
  auto unread = file.size();  // segments that overlap could have it read its notes 65,535 times
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    const auto segment =
        read<Segment>(file, header.e_phoff + i * sizeof(Segment), "segments' table");
    // Those of 8 bytes hold notes of the system's, laid out otherwise. (The address sanitizer
    // aligns the stamp to 32.)
    if (segment.p_type != PT_NOTE || segment.p_align == 8) continue;
    const auto notes = part(file, segment.p_offset, segment.p_filesz, "notes");
    TORCH_CHECK_VALUE(notes.size() <= unread, "a damaged library: its notes overlap");
    unread -= notes.size();
    if (auto stamp = stamp_in_notes(notes)) return stamp;
  }
  return std::nullopt;
}

}  // namespace assay
