// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `Huber`.
struct HuberOptions {
  static constexpr auto class_name = "Huber";
  double delta = 1;
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "huber_loss";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() {
    using Self = HuberOptions;
    return assay::fields(
        field("delta", &Self::delta, "Error beyond which the loss is linear.", positive),
        loss_fields<Self>());
  }
};

/// mean over the last axis of e^2 / 2 where |e| <= delta, and delta |e| - delta^2 / 2 beyond, with
/// e = y_pred - y_true.
///
/// Shapes: [batch, d0 .. dN] both; values [batch, d0 .. dN-1].
/// Source: keras.losses.huber.
at::Tensor huber(const at::Tensor& y_true, const at::Tensor& y_pred, double delta = 1);

/// The loss of `huber`. Source: keras.losses.Huber.
class HuberImpl final : public LossOf<HuberImpl, HuberOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `HuberImpl`.
using Huber = LossHolder<HuberImpl>;

}  // namespace assay::losses
