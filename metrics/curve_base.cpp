// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/on_device.h>
#include <assay/metrics/curve_base.h>

namespace assay::metrics {

at::Tensor CurveBase::compute() const {
  const auto xs = x();
  const auto thresholds =
      on_device(at::tensor(rule().thresholds.values(), at::kDouble), xs.device());
  return at::stack({xs, y(), thresholds}).flip(1);
}

std::vector<std::pair<std::string, at::Tensor>> CurveBase::results() const {
  const auto points = result();
  return {{name() + "_" + x_name(), points[0]},
          {name() + "_" + y_name(), points[1]},
          {name() + "_thresholds", points[2]}};
}

}  // namespace assay::metrics
