// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/on_device.h>
#include <assay/metrics/cohen_kappa.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/quotient.h>

namespace assay::metrics {
namespace {

// [classes, classes + 1]: the last column is that of misses.
at::Tensor costs(std::int64_t classes, const std::optional<std::string>& weighting) {
  const auto ids = at::arange(classes, at::kDouble);
  const auto farthest = at::full({classes, 1}, std::max<std::int64_t>(1, classes - 1), at::kDouble);
  const auto distance = at::cat({(ids.unsqueeze(1) - ids).abs(), farthest}, 1);
  if (!weighting) return distance.gt(0).to(at::kDouble);
  return weighting == "linear" ? distance : distance.square();
}

}  // namespace

CohenKappa::CohenKappa(Options options) : MetricOf(std::move(options)) {
  make_matrix(this->options().num_classes);
}

at::Tensor CohenKappa::compute() const {
  const auto counts = pairs();
  const auto cost = on_device(costs(classes(), options().weighting), counts.device());
  const auto chance = quotient(counts.sum(1).outer(counts.sum(0)), counts.sum());
  const auto expected = (cost * chance).sum();
  return at::where(expected.eq(0), 0.0, 1 - quotient((cost * counts).sum(), expected));
}

void register_cohen_kappa(MetricRegistry& registry) { registry.add<CohenKappa>(); }

}  // namespace assay::metrics
