// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/distributed/metrics.h>
#include <assay/distributed/replicas.h>
#include <assay/serialization/checksum.h>

#include <array>

namespace assay::distributed {
namespace {

at::Tensor text_tensor(const std::string& text) {
  auto tensor = at::empty({static_cast<std::int64_t>(text.size())}, at::kByte);
  std::copy(text.begin(), text.end(), tensor.data_ptr<std::uint8_t>());
  return tensor;
}

std::string text_of(const at::Tensor& tensor) {
  const auto* bytes = tensor.const_data_ptr<std::uint8_t>();
  return {bytes, bytes + tensor.numel()};
}

std::string fingerprint(const at::Tensor& given) {
  const auto tensor = given.detach().cpu().contiguous();
  const std::array pieces = {serialization::Bytes(
      static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes())};
  return describe(tensor) + " " + serialization::checksum(pieces);
}

std::string described(const NamedTensors& tensors, std::size_t i) {
  return i < tensors.size() ? tensors[i].first + ": " + text_of(tensors[i].second) : "nothing";
}

}  // namespace

void check_equal(const NamedTensors& tensors, Group& group, const std::string& what) {
  if (!group.has_peers()) return;
  NamedTensors fingerprints;
  for (const auto& [name, tensor] : tensors) {
    fingerprints.emplace_back(name, text_tensor(fingerprint(tensor)));
  }
  const auto all = all_gather(fingerprints, fingerprints, group, "comparing " + what);
  for (std::size_t rank = 1; rank < all.size(); ++rank) {
    const auto count = std::max(all[0].size(), all[rank].size());
    for (std::size_t i = 0; i < count; ++i) {
      const auto first = described(all[0], i);
      const auto other = described(all[rank], i);
      TORCH_CHECK_VALUE(first == other, what, " of the processes differ: rank 0 has ", first,
                        "; rank ", rank, " has ", other);
    }
  }
}

}  // namespace assay::distributed
