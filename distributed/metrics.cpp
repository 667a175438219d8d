// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/error_text.h>
#include <assay/distributed/metrics.h>

#include <algorithm>
#include <bit>
#include <cstdint>

namespace assay::distributed {
namespace {

constexpr auto kWhat = "merging metrics";
// Room for states that are made from data, which a process without data knows nothing of.
constexpr std::int64_t kSlack = 4096;
// Sizes are rounded up to powers of two from here on, so that processes which by mistake have other
// metrics still agree on it, and can say so.
constexpr std::uint64_t kLeastBytes = 16384;

std::string rank_text(std::size_t rank) { return "the metrics of rank " + std::to_string(rank); }

NamedTensors numbered(const std::vector<at::Tensor>& values) {
  NamedTensors tensors;
  for (std::size_t i = 0; i < values.size(); ++i) {
    tensors.emplace_back(std::to_string(i), values[i]);
  }
  return tensors;
}

std::vector<at::Tensor> values_of(const NamedTensors& tensors) {
  std::vector<at::Tensor> values;
  for (const auto& [name, tensor] : tensors) values.push_back(tensor);
  return values;
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

metrics::MetricCollection synchronized(const metrics::MetricCollection& collection, Group& group) {
  auto merged = collection.fresh();
  const auto own = named(collection.named_variables());
  const auto all = all_gather(own, named(merged.named_variables()), group, kWhat);
  std::vector<metrics::MetricCollection> parts;
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    parts.push_back(collection.fresh());
    with_context(rank_text(rank), [&] { parts.back().load_variables(all[rank]); });
  }
  std::vector<const metrics::MetricCollection*> others;
  for (const auto& part : parts) others.push_back(&part);
  merged.merge_state(others);
  if (!own.empty()) merged.to(own.front().second.device());
  return merged;
}

std::shared_ptr<metrics::Metric> synchronized(const metrics::Metric& metric, Group& group) {
  auto merged = metric.blank();
  const auto own = numbered(metric.variables());
  const auto all = all_gather(own, numbered(merged->variables()), group, kWhat);
  std::vector<std::shared_ptr<metrics::Metric>> parts;
  std::vector<const metrics::Metric*> others;
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    parts.push_back(
        with_context(rank_text(rank), [&] { return metric.with_state(values_of(all[rank])); }));
    others.push_back(parts.back().get());
  }
  merged->merge_state(others);
  if (!own.empty()) merged->to(own.front().second.device());
  return merged;
}

}  // namespace assay::distributed
