// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/sliding_window.h>

namespace assay::metrics {
namespace {

at::Tensor merged_over_copies(const at::Tensor& values, Merge merge) {
  switch (merge) {
    case Merge::kSum:
      return values.sum(0, /*keepdim=*/false, values.scalar_type());
    case Merge::kMin:
      return values.amin(0);
    case Merge::kMax:
      return values.amax(0);
  }
  TORCH_INTERNAL_ASSERT(false, "unknown merge rule");
}

}  // namespace

SlidingWindow::SlidingWindow(SlidingWindowOptions options)
    : MetricOf(named_after_metric(std::move(options), "sliding_")) {
  wrap(*this->options().metric, this->options().window);
}

void SlidingWindow::update(const at::Tensor& y_true, const at::Tensor& y_pred,
                           const at::Tensor& sample_weight) {
  auto& metric = fresh_copy();
  metric.update_state(y_true, y_pred, sample_weight);
  const auto latest = metric.variables();
  build(latest[0].device());
  const auto variables = inner_variables();
  for (std::size_t i = 0; i < variables.size(); ++i) {
    variables[i].copy_(at::cat({variables[i].slice(0, 1), latest[i].unsqueeze(0)}));
  }
}

at::Tensor SlidingWindow::compute() const {
  if (!built()) return unrounded_result(fresh_copy());
  std::vector<at::Tensor> merged;
  const auto variables = inner_variables();
  for (std::size_t i = 0; i < variables.size(); ++i) {
    merged.push_back(merged_over_copies(variables[i], state().variables()[i].merge));
  }
  return unrounded_result(copy_of(merged));
}

void register_sliding_window(MetricRegistry& registry) { registry.add<SlidingWindow>(); }

}  // namespace assay::metrics
