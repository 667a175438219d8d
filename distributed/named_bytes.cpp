// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/distributed/named_bytes.h>

#include <cstring>
#include <limits>
#include <span>

namespace assay::distributed {
namespace {

class Writer {
 public:
  void number(std::int64_t value) { raw(&value, sizeof value); }

  void raw(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    bytes_.insert(bytes_.end(), bytes, bytes + size);
  }

  at::Tensor take() const { return at::tensor(at::ArrayRef<std::uint8_t>(bytes_), at::kByte); }

 private:
  std::vector<std::uint8_t> bytes_;
};

class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  std::int64_t number() {
    std::int64_t value = 0;
    std::memcpy(&value, raw(sizeof value), sizeof value);
    return value;
  }

  std::int64_t number_in(std::int64_t least, std::int64_t most) {
    const auto value = number();
    TORCH_CHECK(value >= least && value <= most, "a message from another process is damaged");
    return value;
  }

  const std::uint8_t* raw(std::size_t size) {
    TORCH_CHECK(size <= rest_.size(), "a message from another process is cut short");
    const auto* data = rest_.data();
    rest_ = rest_.subspan(size);
    return data;
  }

  std::int64_t left() const { return static_cast<std::int64_t>(rest_.size()); }

 private:
  std::span<const std::uint8_t> rest_;
};

at::Tensor read_tensor(Reader& in) {
  const auto type = static_cast<at::ScalarType>(
      in.number_in(0, static_cast<std::int64_t>(at::ScalarType::NumOptions) - 1));
  std::vector<std::int64_t> shape(in.number_in(0, 64));
  std::int64_t numel = 1;
  for (auto& size : shape) {
    size = in.number_in(0, std::numeric_limits<std::int32_t>::max());
    numel *= size;
    TORCH_CHECK(numel <= in.left(), "a message from another process is cut short");
  }
  auto tensor = at::empty(shape, type);
  const auto* data = in.raw(tensor.nbytes());
  if (tensor.nbytes() > 0) std::memcpy(tensor.data_ptr(), data, tensor.nbytes());
  return tensor;
}

}  // namespace

at::Tensor to_bytes(const NamedTensors& tensors) {
  Writer out;
  out.number(static_cast<std::int64_t>(tensors.size()));
  for (const auto& [name, given] : tensors) {
    const auto tensor = given.detach().cpu().contiguous();
    out.number(static_cast<std::int64_t>(name.size()));
    out.raw(name.data(), name.size());
    out.number(static_cast<std::int64_t>(tensor.scalar_type()));
    out.number(tensor.dim());
    for (const auto size : tensor.sizes()) out.number(size);
    out.raw(tensor.const_data_ptr(), tensor.nbytes());
  }
  return out.take();
}

NamedTensors from_bytes(const at::Tensor& bytes) {
  const auto contiguous = bytes.contiguous();
  Reader in(
      {contiguous.const_data_ptr<std::uint8_t>(), static_cast<std::size_t>(contiguous.numel())});
  NamedTensors tensors;
  const auto count = in.number_in(0, in.left());
  for (std::int64_t i = 0; i < count; ++i) {
    const auto length = in.number_in(0, in.left());
    const auto* name = reinterpret_cast<const char*>(in.raw(length));
    std::string text(name, static_cast<std::size_t>(length));
    tensors.emplace_back(std::move(text), read_tensor(in));
  }
  TORCH_CHECK(in.left() == 0, "a message from another process is too long");
  return tensors;
}

}  // namespace assay::distributed
