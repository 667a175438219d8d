// SPDX-License-Identifier: Apache-2.0
// What a plugin was built with. It stands in the plugin's file as an ELF note, where it is read
// without running anything of the plugin.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace assay {

/// Versions, each {major, minor, patch}, and what the compiler made of std::string.
struct AbiStamp {
  std::array<std::uint32_t, 3> assay;  ///< assay's own.
  std::array<std::uint32_t, 3> torch;  ///< LibTorch's.
  std::array<std::uint32_t, 3> json;   ///< nlohmann_json, whose types the interface has.
  std::uint32_t strings;               ///< 0: libstdc++'s before C++11; 1: its later; 2: libc++'s.

  /// Whether all of it is the same; `compatible` asks for less.
  bool operator==(const AbiStamp&) const = default;
};

/// The note: its header, its owner, the stamp.
struct AbiNote {
  static constexpr std::uint32_t stamp_type = 1;  ///< That of stamps among assay's notes.

  std::uint32_t owner_size = 6;                 ///< Of the owner's name, with its zero.
  std::uint32_t stamp_size = sizeof(AbiStamp);  ///< Of what follows the owner.
  std::uint32_t type = stamp_type;              ///< Of the note.
  std::array<char, 8> owner = {"assay\0"};      ///< Filled up to a multiple of four bytes.
  AbiStamp stamp;                               ///< What the note is for.
};

/// "assay 0.1.0, LibTorch 2.13.0, nlohmann_json 3.11.2, libstdc++ with C++11 strings".
std::string to_string(const AbiStamp& stamp);

/// Whether what was built with `plugin` works with what was built with `own`: the same minor
/// version of assay, and the same versions of the rest.
bool compatible(const AbiStamp& plugin, const AbiStamp& own);

/// The stamp in the bytes of a shared library's file; nothing where it has none.
/// Errors: ValueError where the bytes are no shared library for this kind of machine, or damaged.
std::optional<AbiStamp> find_stamp(std::span<const std::byte> file);

}  // namespace assay
