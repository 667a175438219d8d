// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/column_sums.h>
#include <assay/core/operators/column_sums.h>
#include <assay/core/operators/kernel_input.h>
#include <assay/core/operators/operator_handle.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

namespace assay {
namespace {

constexpr double kNoLimit = std::numeric_limits<double>::infinity();

// In the order of ColumnSums.
void add_column_sums_composed(at::TensorList sums, const at::Tensor& y_true,
                              const at::Tensor& y_pred, const std::optional<at::Tensor>& weight) {
  const auto t = y_true.to(at::kDouble);
  const auto p = y_pred.to(at::kDouble);
  const auto w = (weight ? *weight : at::ones({}, t.options())).expand_as(t);
  const auto weighted = w * t;
  sums[0].add_((weighted * t).sum(0));
  sums[1].add_(weighted.sum(0));
  sums[2].add_((w * (t - p).square()).sum(0));
  sums[3].add_(w.sum(0));
  if (t.numel() == 0) return;
  const auto weightless = w.eq(0);
  sums[4].copy_(at::minimum(sums[4], t.masked_fill(weightless, kNoLimit).amin(0)));
  sums[5].copy_(at::maximum(sums[5], t.masked_fill(weightless, -kNoLimit).amax(0)));
}

// In one type, so that neither loses digits.
at::Tensor column_operand(const at::Tensor& tensor, at::ScalarType dtype) {
  return tensor.to(dtype).contiguous();
}

void add_column_sums_cpu(at::TensorList sums, const at::Tensor& y_true, const at::Tensor& y_pred,
                         const std::optional<at::Tensor>& weight) {
  const auto fits_float = [](const at::Tensor& tensor) {
    return at::isFloatingType(tensor.scalar_type()) && tensor.scalar_type() != at::kDouble;
  };
  const auto dtype = fits_float(y_true) && fits_float(y_pred) ? at::kFloat : at::kDouble;
  const auto t = column_operand(y_true, dtype);
  const auto p = column_operand(y_pred, dtype);
  const auto weights = weight ? weight->expand(t.sizes()).contiguous() : at::Tensor();
  const auto rows = t.size(0);
  const auto columns = t.size(1);
  if (t.numel() == 0) return;

  // Chunks of a fixed size have sums of their own, which are added in order.
  const auto chunk = std::max<std::int64_t>(64, rows_per_task(columns));
  const auto chunks = (rows + chunk - 1) / chunk;
  std::vector<double> own(static_cast<std::size_t>(chunks * 6 * columns));
  const auto add = [&]<class T>() {
    const kernels::cpu::ColumnInput<T> input{.y_true = kernel_data<T>(t),
                                             .y_pred = kernel_data<T>(p),
                                             .weight = kernel_data<double>(weights),
                                             .columns = columns};
    parallel_for(0, chunks, 1, [&](std::int64_t begin, std::int64_t end) {
      for (auto i = begin; i < end; ++i) {
        auto* to = own.data() + i * 6 * columns;
        std::fill(to + 4 * columns, to + 5 * columns, kNoLimit);
        std::fill(to + 5 * columns, to + 6 * columns, -kNoLimit);
        kernels::cpu::add_column_sums(input, i * chunk, std::min((i + 1) * chunk, rows),
                                      kernels::cpu::ColumnSums::in_order(to, columns));
      }
    });
  };
  dtype == at::kFloat ? add.template operator()<float>() : add.template operator()<double>();

  for (std::int64_t which = 0; which < 6; ++which) {
    auto* to = sums[which].mutable_data_ptr<double>();
    const auto stride = sums[which].stride(0);
    for (std::int64_t i = 0; i < chunks; ++i) {
      const auto* from = own.data() + (i * 6 + which) * columns;
      for (std::int64_t column = 0; column < columns; ++column) {
        auto& sum = to[column * stride];
        const double x = from[column];
        sum = which < 4    ? sum + x
              : which == 4 ? kernels::cpu::least(x, sum)
                           : kernels::cpu::greatest(x, sum);
      }
    }
    bump_version(sums[which]);
  }
}

TORCH_LIBRARY_FRAGMENT(assay, library) {
  define_with_cpu_kernel(library,
                         "add_column_sums_(Tensor(a!)[] sums, Tensor y_true, Tensor y_pred, "
                         "Tensor? weight=None) -> ()",
                         &add_column_sums_composed, &add_column_sums_cpu);
}

}  // namespace

void add_column_sums(const ColumnSums& sums, const at::Tensor& y_true, const at::Tensor& y_pred,
                     const at::Tensor& weight) {
  static const auto handle = operator_handle<decltype(add_column_sums_cpu)>("add_column_sums_");
  const at::Tensor list[] = {sums.squared_sum, sums.sum,    sums.residual,
                             sums.count,       sums.lowest, sums.highest};
  handle.call(list, y_true, y_pred, optional(weight));
}

}  // namespace assay
