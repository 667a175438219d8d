// SPDX-License-Identifier: Apache-2.0
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <assay/core/memory_map.h>
#include <assay/serialization/atomic_file.h>
#include <assay/serialization/checksum.h>
#include <assay/serialization/safetensors.h>
#include <assay/serialization/safetensors_header.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <tuple>
#include <utility>

namespace assay::serialization {
namespace {

static_assert(std::endian::native == std::endian::little,
              "safetensors data is little-endian, and is read and written as it lies in memory");

constexpr std::size_t kLengthSize = sizeof(std::uint64_t);
constexpr std::size_t kDigitsBegin = kLengthSize + kChecksumPrefix.size();
constexpr std::size_t kDigitsEnd = kDigitsBegin + kChecksumLength;

constexpr std::string_view kNoDigits = "00000000000000000000000000000000";
static_assert(kNoDigits.size() == kChecksumLength);

// --- writing ---

struct Item {
  TensorEntry entry;
  at::Tensor data;  // contiguous, on the CPU
};

Item prepare(const NamedTensor& named) {
  const auto& [name, tensor] = named;
  if (!tensor.defined()) {
    throw FormatError("tensor " + in_quotes(name) + " is undefined");
  }
  const std::optional<SafetensorsDtype> dtype = find_dtype(tensor.scalar_type());
  if (!dtype) {
    throw FormatError("tensor " + in_quotes(name) + " has the dtype " +
                      c10::toString(tensor.scalar_type()) + ", which safetensors lacks");
  }
  if (tensor.layout() != at::kStrided || tensor.is_meta() || tensor.is_nested()) {
    throw FormatError("tensor " + in_quotes(name) + " is not a dense tensor with data");
  }
  Item item{{name, *dtype, tensor.sizes().vec()}, {}};
  item.entry.end = byte_count(name, *dtype, item.entry.shape);
  item.data = tensor.detach().resolve_conj().resolve_neg().to(at::kCPU).contiguous();
  return item;
}

std::vector<Item> prepare_all(const std::vector<NamedTensor>& tensors) {
  std::vector<Item> items;
  items.reserve(tensors.size());
  std::ranges::transform(tensors, std::back_inserter(items), prepare);
  std::ranges::sort(items, [](const Item& left, const Item& right) {
    return std::tuple(right.entry.dtype.rank(), std::string_view(left.entry.name)) <
           std::tuple(left.entry.dtype.rank(), std::string_view(right.entry.name));
  });
  return items;
}

void check_that_names_differ(const std::vector<NamedTensor>& tensors) {
  std::set<std::string_view> names;
  for (const NamedTensor& named : tensors) {
    if (!names.insert(named.name).second) {
      throw FormatError("the name " + in_quotes(named.name) + " occurs twice");
    }
  }
}

// Lays the tensors one behind the other.
SafetensorsHeader lay_out(std::vector<Item>& items, const SafetensorsMetadata& metadata) {
  SafetensorsHeader header{metadata, {}};
  std::uint64_t offset = 0;
  for (Item& item : items) {
    item.entry.begin += offset;
    item.entry.end += offset;
    offset = item.entry.end;
    header.entries.push_back(item.entry);
  }
  return header;
}

void write(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
           const SafetensorsMetadata& metadata) {
  check_that_names_differ(tensors);
  std::vector<Item> items = prepare_all(tensors);
  const std::string header = write_header(lay_out(items, metadata));
  std::string head(kLengthSize, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(head.data(), &length, kLengthSize);
  head += header;

  std::vector<Bytes> pieces{bytes_of(head)};
  for (const Item& item : items) {
    pieces.emplace_back(static_cast<const std::byte*>(item.data.const_data_ptr()),
                        item.data.nbytes());
  }
  const std::string digits = checksum(pieces);
  std::ranges::copy(digits, head.begin() + kDigitsBegin);
  write_file_atomically(path, pieces);
}

// --- reading ---

std::string take_out(SafetensorsMetadata& metadata, std::string_view key) {
  const auto node = metadata.extract(metadata.find(key));
  return node.mapped();
}

int read_format_version(const std::string& text) {
  int version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  const bool is_number = end == text.data() + text.size() && !text.starts_with('-');
  if (error == std::errc::invalid_argument || !is_number ||
      (error == std::errc{} && version == 0)) {
    throw FormatError("its format version " + in_quotes(text) + " is not a positive number");
  }
  if (error != std::errc{} || version > kSafetensorsFormatVersion) {
    throw FormatError("its format version is " + in_quotes(text) + ", the newest that this assay " +
                      "reads is " + std::to_string(kSafetensorsFormatVersion));
  }
  return version;
}

void check_checksum(Bytes file, std::string_view header) {
  if (!header.starts_with(kChecksumPrefix) ||
      header.size() < kChecksumPrefix.size() + kChecksumLength) {
    throw FormatError(
        "its checksum is not the header's first entry: another program wrote the file anew and "
        "kept the metadata 'assay_checksum' and 'assay_format_version'");
  }
  const Bytes pieces[] = {file.first(kDigitsBegin), bytes_of(kNoDigits), file.subspan(kDigitsEnd)};
  if (checksum(pieces) != header.substr(kChecksumPrefix.size(), kChecksumLength)) {
    throw FormatError(
        "its content does not match its checksum: it is damaged, or another program changed it "
        "and kept the metadata 'assay_checksum' and 'assay_format_version'");
  }
}

// Takes assay's own keys out of the metadata; returns the format version, or 0 without them.
int check_own_keys(SafetensorsMetadata& metadata, Bytes file, std::string_view header) {
  const bool has_version = metadata.contains(kFormatVersionKey);
  const bool has_checksum = metadata.contains(kChecksumKey);
  if (!has_version && !has_checksum) {
    return 0;
  }
  if (!has_version) {
    throw FormatError("its metadata has 'assay_checksum' but no 'assay_format_version'");
  }
  const int version = read_format_version(take_out(metadata, kFormatVersionKey));
  if (!has_checksum) {
    throw FormatError("its metadata has 'assay_format_version' but no 'assay_checksum'");
  }
  check_checksum(file, header);
  take_out(metadata, kChecksumKey);
  return version;
}

bool has_odd_booleans(const TensorEntry& entry, std::span<const std::byte> data) {
  return entry.dtype.scalar_type == at::kBool &&
         std::ranges::any_of(data, [](std::byte value) { return value > std::byte{1}; });
}

at::Tensor make_tensor(const TensorEntry& entry, std::span<std::byte> data,
                       const std::shared_ptr<MemoryMap>& map) {
  const auto options = at::TensorOptions().dtype(entry.dtype.scalar_type);
  if (data.empty()) {
    return at::empty(entry.shape, options);
  }
  if (has_odd_booleans(entry, data)) {
    return at::from_blob(data.data(), entry.shape, at::kByte).ne(0);
  }
  // Complex numbers too are aligned as their size.
  if (reinterpret_cast<std::uintptr_t>(data.data()) % entry.dtype.size() != 0) {
    at::Tensor copy = at::empty(entry.shape, options);
    std::memcpy(copy.mutable_data_ptr(), data.data(), data.size());
    return copy;
  }
  return at::from_blob(
      data.data(), entry.shape, [map](void*) {}, options);
}

SafetensorsFile read(const std::filesystem::path& path, const std::shared_ptr<MemoryMap>& map) {
  const std::span<std::byte> file = map->bytes();
  if (file.size() < kLengthSize) {
    throw FormatError("it has " + std::to_string(file.size()) +
                      " bytes, a safetensors file has at least 8");
  }
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), kLengthSize);
  if (length > kLongestHeader) {
    throw FormatError("its header's length reads " + std::to_string(length) + " bytes, at most " +
                      std::to_string(kLongestHeader) +
                      " are allowed: it is no safetensors file, or damaged");
  }
  if (length > file.size() - kLengthSize) {
    throw FormatError("its header's length reads " + std::to_string(length) + " bytes, but " +
                      std::to_string(file.size() - kLengthSize) + " follow");
  }
  const std::string_view text(reinterpret_cast<const char*>(file.data()) + kLengthSize, length);
  const std::span<std::byte> data = file.subspan(kLengthSize + length);
  SafetensorsHeader header = read_header(text, data.size());

  SafetensorsFile result;
  result.path = path;
  result.format_version = check_own_keys(header.metadata, file, text);
  result.metadata = std::move(header.metadata);
  for (const TensorEntry& entry : header.entries) {
    const auto part = data.subspan(entry.begin, entry.end - entry.begin);
    result.tensors.emplace(entry.name, make_tensor(entry, part, map));
  }
  return result;
}

}  // namespace

const at::Tensor& SafetensorsFile::at(std::string_view name) const {
  const auto found = tensors.find(name);
  TORCH_CHECK_VALUE(found != tensors.end(), "'", path.string(), "' has no tensor ",
                    in_quotes(name));
  return found->second;
}

void save_safetensors(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                      const SafetensorsMetadata& metadata) {
  try {
    write(path, tensors, metadata);
  } catch (const FormatError& error) {
    TORCH_CHECK_VALUE(false, "cannot save '", path.string(), "': ", error.what());
  }
}

SafetensorsFile load_safetensors(const std::filesystem::path& path) {
  const std::shared_ptr<MemoryMap> map = MemoryMap::open(path);
  try {
    return read(path, map);
  } catch (const FormatError& error) {
    TORCH_CHECK_VALUE(false, "cannot load '", path.string(), "': ", error.what());
  }
}

}  // namespace assay::serialization
