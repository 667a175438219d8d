// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/distributed/metrics.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace assay::distributed {
namespace {

constexpr auto kWhat = "merging metrics";
// Room for states that are made from data, which a process without data knows nothing of.
constexpr std::int64_t kSlack = 4096;
// Sizes are rounded up to powers of two from here on, so that processes which by mistake have other
// metrics still agree on it, and can say so.
constexpr std::uint64_t kLeastBytes = 16384;

std::vector<at::Tensor> values_of(const NamedTensors& tensors) {
  std::vector<at::Tensor> values;
  for (const auto& [name, tensor] : tensors) values.push_back(tensor);
  return values;
}

NamedTensors named(const metrics::Metric& metric) {
  NamedTensors tensors;
  for (const auto& variable : metric.state().variables()) {
    tensors.emplace_back(metric.name() + "/" + variable.name, variable.value);
  }
  return tensors;
}

NamedTensors named(const std::vector<metrics::MetricCollection::NamedTensor>& variables) {
  return {variables.begin(), variables.end()};
}

}  // namespace

std::vector<NamedTensors> all_gather(const NamedTensors& tensors, const NamedTensors& alike,
                                     Group& group, const std::string& what) {
  const auto needed = static_cast<std::uint64_t>(to_bytes(alike).numel() + kSlack);
  const auto expected = static_cast<std::int64_t>(std::bit_ceil(std::max(needed, kLeastBytes)));
  std::vector<NamedTensors> all;
  for (const auto& bytes : group.all_gather(to_bytes(tensors), expected, what)) {
    all.push_back(from_bytes(bytes));
  }
  return all;
}

void check_alike(const std::vector<NamedTensors>& all) {
  struct Seen {
    std::size_t rank;
    const at::Tensor* tensor;
  };
  std::unordered_map<std::string_view, Seen> first;
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    for (const auto& [name, tensor] : all[rank]) {
      const auto& seen = first.try_emplace(name, Seen{rank, &tensor}).first->second;
      TORCH_CHECK_VALUE(seen.tensor->sizes() == tensor.sizes() &&
                            seen.tensor->scalar_type() == tensor.scalar_type(),
                        kWhat, ": '", name, "' is ", describe(*seen.tensor), " on rank ", seen.rank,
                        ", and ", describe(tensor), " on rank ", rank);
    }
  }
}

metrics::MetricCollection synchronized(const metrics::MetricCollection& collection, Group& group) {
  auto merged = collection.fresh();
  const auto own = named(collection.named_variables());
  const auto all = all_gather(own, named(merged.named_variables()), group, kWhat);
  check_alike(all);
  merged.merge_variables(all);
  if (!own.empty()) merged.to(own.front().second.device());
  return merged;
}

std::shared_ptr<metrics::Metric> synchronized(const metrics::Metric& metric, Group& group) {
  auto merged = metric.blank();
  const auto own = named(metric);
  const auto all = all_gather(own, named(*merged), group, kWhat);
  check_alike(all);
  std::vector<std::vector<at::Tensor>> states;
  for (const auto& tensors : all) states.push_back(values_of(tensors));
  merged->merge_variables(states);
  if (!own.empty()) merged->to(own.front().second.device());
  return merged;
}

}  // namespace assay::distributed
