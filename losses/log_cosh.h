// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `LogCosh`.
struct LogCoshOptions {
  static constexpr auto class_name = "LogCosh";
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "log_cosh";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() { return loss_fields<LogCoshOptions>(); }
};

/// mean(log(cosh(y_pred - y_true))) over the last axis.
///
/// Shapes: [batch, d0 .. dN] both; values [batch, d0 .. dN-1].
/// Source: keras.losses.log_cosh.
at::Tensor log_cosh(const at::Tensor& y_true, const at::Tensor& y_pred);

/// The loss of `log_cosh`. Source: keras.losses.LogCosh.
class LogCoshImpl final : public LossOf<LogCoshImpl, LogCoshOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `LogCoshImpl`.
using LogCosh = LossHolder<LogCoshImpl>;

}  // namespace assay::losses
