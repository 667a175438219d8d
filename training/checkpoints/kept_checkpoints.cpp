// SPDX-License-Identifier: Apache-2.0
#include <assay/core/memory_map.h>
#include <assay/serialization/atomic_file.h>
#include <assay/training/checkpoints/kept_checkpoints.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace assay::training {
namespace {

namespace fs = std::filesystem;

fs::path kept_name(const fs::path& checkpoint, std::int64_t number) {
  auto digits = std::to_string(number);
  digits.insert(0, 6 - std::min<std::size_t>(6, digits.size()), '0');
  return checkpoint.parent_path() /
         (checkpoint.stem().string() + "-" + digits + checkpoint.extension().string());
}

std::optional<std::int64_t> number_of(const fs::path& kept, const fs::path& checkpoint) {
  const auto stem = kept.stem().string();
  const auto prefix = checkpoint.stem().string() + "-";
  if (!stem.starts_with(prefix) || kept.extension() != checkpoint.extension()) return std::nullopt;
  std::int64_t number = 0;
  const auto* const last = stem.data() + stem.size();
  const auto [end, error] = std::from_chars(stem.data() + prefix.size(), last, number);
  // What kept_name did not make is somebody else's.
  if (error != std::errc{} || end != last || kept_name(checkpoint, number).stem() != stem) {
    return std::nullopt;
  }
  return number;
}

// The lowest number first.
std::vector<std::pair<std::int64_t, fs::path>> kept_files(const fs::path& checkpoint) {
  std::vector<std::pair<std::int64_t, fs::path>> kept;
  for (const auto& entry : fs::directory_iterator(checkpoint.parent_path())) {
    if (const auto number = number_of(entry.path(), checkpoint)) {
      kept.emplace_back(*number, entry.path());
    }
  }
  std::sort(kept.begin(), kept.end());
  return kept;
}

// For file systems that have no hard links.
void copy_atomically(const fs::path& from, const fs::path& to) {
  const auto map = MemoryMap::open(from);
  const serialization::Bytes pieces[] = {map->bytes()};
  serialization::write_file_atomically(to, pieces);
}

}  // namespace

void keep_checkpoint(const fs::path& checkpoint, std::int64_t number, std::int64_t max_to_keep) {
  const auto kept = kept_name(checkpoint, number);
  fs::remove(kept);
  std::error_code no_links;
  fs::create_hard_link(checkpoint, kept, no_links);
  if (no_links) copy_atomically(checkpoint, kept);
  const auto files = kept_files(checkpoint);
  for (std::int64_t i = 0; i < std::ssize(files) - max_to_keep; ++i) {
    fs::remove(files[static_cast<std::size_t>(i)].second);
  }
}

void remove_kept_checkpoints(const fs::path& checkpoint) {
  for (const auto& [number, path] : kept_files(checkpoint)) fs::remove(path);
}

}  // namespace assay::training
