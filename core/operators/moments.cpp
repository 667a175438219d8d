// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/kernel_input.h>
#include <assay/core/operators/moments.h>
#include <assay/core/operators/operator_handle.h>
#include <assay/core/operators/row_products.h>

#include <tuple>

namespace assay {
namespace {

using FourTensors = std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor>;

// Deviations from the mean along the last axis. The first entry is taken off beforehand: equal
// entries then deviate by exactly 0, which a rounded mean does not promise.
at::Tensor deviations(const at::Tensor& rows) {
  const auto from_first = rows - rows.narrow(-1, 0, 1);
  return from_first - from_first.mean(-1, /*keepdim=*/true);
}

FourTensors moments_composed(const at::Tensor& y_true, const at::Tensor& y_pred) {
  const auto t = y_true.to(at::kDouble);
  const auto p = y_pred.to(at::kDouble);
  const auto dt = deviations(t);
  const auto dp = deviations(p);
  return {(dt * dp).mean(-1), dt.square().mean(-1), dp.square().mean(-1), t.mean(-1) - p.mean(-1)};
}

// In one type, so that neither loses digits.
std::pair<at::Tensor, at::Tensor> moment_operands(const at::Tensor& y_true,
                                                  const at::Tensor& y_pred) {
  const bool one_type =
      y_true.scalar_type() == y_pred.scalar_type() && at::isFloatingType(y_true.scalar_type());
  if (one_type) return kernel_operands(y_true, y_pred);
  return {y_true.to(at::kDouble).contiguous(), y_pred.to(at::kDouble).contiguous()};
}

FourTensors moments_cpu(const at::Tensor& y_true, const at::Tensor& y_pred) {
  const auto operands = moment_operands(y_true, y_pred);
  const auto& t = operands.first;
  const auto& p = operands.second;
  const auto shape = p.sizes().slice(0, p.dim() - 1);
  const auto n = static_cast<double>(p.size(-1));
  const auto options = p.options().dtype(at::kDouble);
  at::Tensor moments[4];
  double* to[4];
  for (int i = 0; i < 4; ++i) {
    moments[i] = at::empty(shape, options);
    to[i] = moments[i].mutable_data_ptr<double>();
  }
  if (p.numel() == 0) return {moments[0], moments[1], moments[2], moments[3]};
  const auto rows = row_deviations_cpu(t, p);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    to[0][row] = rows[row].tp / n;
    to[1][row] = rows[row].tt / n;
    to[2][row] = rows[row].pp / n;
    to[3][row] = rows[row].t_mean - rows[row].p_mean;
  }
  return {moments[0], moments[1], moments[2], moments[3]};
}

TORCH_LIBRARY_FRAGMENT(assay, library) {
  define_with_cpu_kernel(library,
                         "moments_of_rows(Tensor y_true, Tensor y_pred) -> "
                         "(Tensor, Tensor, Tensor, Tensor)",
                         &moments_composed, &moments_cpu);
}

}  // namespace

Moments moments_of_rows(const at::Tensor& y_true, const at::Tensor& y_pred) {
  static const auto handle = operator_handle<decltype(moments_cpu)>("moments_of_rows");
  auto [covariance, variance_of_true, variance_of_pred, distance] = handle.call(y_true, y_pred);
  return {covariance, variance_of_true, variance_of_pred, distance};
}

}  // namespace assay
