// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/memory_map.h>
#include <assay/core/options/names.h>
#include <assay/core/shapes.h>
#include <assay/training/data/byte_order.h>
#include <assay/training/data/byte_stream.h>
#include <assay/training/data/npy.h>
#include <assay/training/data/npy_header.h>
#include <assay/training/data/zip_archive.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <limits>
#include <numeric>
#include <span>

namespace assay::training {
namespace {

struct Element {
  const char* name;       // NumPy's, without byte order
  at::ScalarType stored;  // as in the file
  at::ScalarType given;   // as LibTorch's operators take it
};

constexpr std::array<Element, 12> kElements = {{
    {"f2", at::kHalf, at::kHalf},
    {"f4", at::kFloat, at::kFloat},
    {"f8", at::kDouble, at::kDouble},
    {"i1", at::kChar, at::kChar},
    {"i2", at::kShort, at::kShort},
    {"i4", at::kInt, at::kInt},
    {"i8", at::kLong, at::kLong},
    {"u1", at::kByte, at::kByte},
    {"u2", at::kUInt16, at::kInt},
    {"u4", at::kUInt32, at::kLong},
    {"u8", at::kUInt64, at::kLong},
    {"b1", at::kBool, at::kBool},
}};

const Element& element_of(const NpyHeader& header, const std::string& source) {
  TORCH_CHECK_VALUE(!header.dtype.empty(), source, ": is damaged: its elements have no type");
  const auto name = header.dtype.substr(1);
  const auto found = std::ranges::find(kElements, name,
                                       [](const Element& e) -> std::string_view { return e.name; });
  const bool known_order =
      std::string_view("<>|=").find(header.dtype.front()) != std::string_view::npos;
  TORCH_CHECK_VALUE(found != kElements.end() && known_order, source,
                    ": holds elements of the type '", header.dtype,
                    "'; expected numbers or truth values of at most 8 bytes");
  return *found;
}

bool is_reversed(const NpyHeader& header) {
  return header.dtype[0] == (std::endian::native == std::endian::little ? '>' : '<');
}

std::int64_t count_elements(const NpyHeader& header, std::size_t element_size, std::size_t bytes,
                            const std::string& source) {
  const auto most = static_cast<std::int64_t>(bytes / element_size);
  std::int64_t count = 1;
  for (const auto size : header.shape) {
    if (size == 0) return 0;
    TORCH_CHECK_VALUE(count <= most / size, source, ": is truncated: there are ", bytes,
                      " bytes for the elements of shape ", describe(header.shape));
    count *= size;
  }
  TORCH_CHECK_VALUE(count <= most, source, ": is truncated: there are ", bytes,
                    " bytes for the elements of shape ", describe(header.shape));
  return count;
}

// A tensor that is in the bytes, which live as long as `owner` does.
at::Tensor view_of(std::span<char> bytes, at::IntArrayRef shape, at::ScalarType dtype,
                   std::shared_ptr<void> owner) {
  return at::from_blob(
      bytes.data(), shape, [owner = std::move(owner)](void*) {}, at::TensorOptions(dtype));
}

at::Tensor copy_of(std::span<const char> bytes, at::IntArrayRef shape, at::ScalarType dtype,
                   bool reversed) {
  auto tensor = at::empty(shape, dtype);
  auto* to = static_cast<char*>(tensor.mutable_data_ptr());
  const auto size = c10::elementSize(dtype);
  const auto count = static_cast<std::size_t>(tensor.numel());
  if (reversed) {
    copy_reversed(bytes.data(), to, count, size);
  } else {
    std::copy_n(bytes.data(), count * size, to);
  }
  return tensor;
}

// The array in the bytes; a view of them where there is an owner and they fit.
at::Tensor read_array(std::span<char> bytes, const std::string& source,
                      std::shared_ptr<void> owner) {
  const auto header = read_npy_header(bytes, source);
  const auto& element = element_of(header, source);
  const auto size = c10::elementSize(element.stored);
  auto content = bytes.subspan(header.size);
  const auto count = count_elements(header, size, content.size(), source);
  content = content.first(static_cast<std::size_t>(count) * size);

  auto shape = header.shape;
  if (header.fortran_order) std::ranges::reverse(shape);
  const bool aligned = reinterpret_cast<std::uintptr_t>(content.data()) % size == 0;
  // Other bytes than 0 and 1 are no bool.
  const bool fits = aligned && !is_reversed(header) && element.stored != at::kBool;
  auto tensor = owner && fits && count > 0
                    ? view_of(content, shape, element.stored, std::move(owner))
                    : copy_of(content, shape, element.stored, is_reversed(header));
  if (element.stored == at::kBool) tensor = tensor.view(at::kByte).ne(0);
  if (element.stored != element.given) {
    tensor = tensor.to(element.given);
    TORCH_CHECK_VALUE(element.stored != at::kUInt64 || tensor.ge(0).all().item<bool>(), source,
                      ": holds numbers above ", std::numeric_limits<std::int64_t>::max(),
                      "; expected such as fit int64");
  }
  if (!header.fortran_order) return tensor;
  std::vector<std::int64_t> axes(shape.size());
  std::iota(axes.rbegin(), axes.rend(), 0);
  return tensor.permute(axes).contiguous();
}

}  // namespace

at::Tensor read_npy(const std::filesystem::path& path) {
  check_is_file(path);
  auto map = MemoryMap::open(path);
  const std::span<char> bytes(reinterpret_cast<char*>(map->bytes().data()), map->bytes().size());
  return read_array(bytes, path.string(), std::move(map));
}

NpzArchive::NpzArchive(std::filesystem::path path)
    : zip_(std::make_shared<ZipArchive>(std::move(path))) {}

std::vector<std::string> NpzArchive::names() const {
  constexpr std::string_view kSuffix = ".npy";
  std::vector<std::string> names;
  for (const auto& member : zip_->members()) {
    names.push_back(member.name);
    if (names.back().ends_with(kSuffix)) {
      names.back().resize(names.back().size() - kSuffix.size());
    }
  }
  return names;
}

at::Tensor NpzArchive::read(const std::string& name) const {
  const auto known = names();
  const auto found = std::ranges::find(known, name);
  TORCH_CHECK_VALUE(found != known.end(), zip_->path().string(), ": there is no array '", name,
                    "'.", did_you_mean(name, known), " Arrays: ", join(known));
  auto bytes = zip_->read(zip_->members()[static_cast<std::size_t>(found - known.begin())]);
  return read_array(bytes, zip_->path().string() + ": array '" + name + "'", nullptr);
}

}  // namespace assay::training
