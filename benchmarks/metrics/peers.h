// SPDX-License-Identifier: Apache-2.0
// What a C++ user would otherwise write for a metric.
#pragma once
#include "../workload.h"

namespace assay::benchmarks {

/// Sums that batches add to, and what is computed of them.
struct ComposedMetric {
  using State = std::vector<at::Tensor>;
  std::vector<at::Tensor> (*batch)(const Inputs& in, const Workload& w);  ///< what a batch adds
  at::Tensor (*result)(const State& state);
};

ComposedMetric composed_metric(const Workload& workload);

}  // namespace assay::benchmarks
