// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/optimizers/optimizer.h>

namespace assay::training::optimizers {

/// Options of `RMSprop`.
struct RMSpropOptions {
  static constexpr auto class_name = "RMSprop";
  LearningRate learning_rate = 0.001;
  double rho = 0.9;
  double momentum = 0.0;
  double epsilon = 1e-7;
  bool centered = false;
  std::optional<double> weight_decay = std::nullopt;
  std::optional<double> clipnorm = std::nullopt;
  std::optional<double> clipvalue = std::nullopt;
  std::optional<double> global_clipnorm = std::nullopt;
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = std::nullopt;
  std::optional<double> loss_scale_factor = std::nullopt;
  std::optional<std::int64_t> gradient_accumulation_steps = std::nullopt;
  std::string name = "rm_sprop";

  static constexpr auto fields() {
    using O = RMSpropOptions;
    return assay::fields(
        optimizer_fields<O>(),
        field("rho", &O::rho, "Decay of the squared gradients' mean.", in_unit_interval),
        field("momentum", &O::momentum, "How much of the last update goes into the next.",
              not_negative),
        field("epsilon", &O::epsilon, "Added under the root, against division by 0.", not_negative),
        field("centered", &O::centered, "Whether to divide by the variance of the gradients."));
  }
};

/// The gradient over the root of its mean square:
///
///     v = rho * v + (1 - rho) * g^2
///     a = rho * a + (1 - rho) * g                     where centered
///     u = learning_rate * g / sqrt(v - a^2 + epsilon)         (a = 0 where not centered)
///     m = momentum * m + u;  w -= m                           (w -= u where momentum = 0)
///
/// LibTorch adds its epsilon outside the root, and multiplies its momentum buffer by the learning
/// rate when it is used; its defaults are a rho (`alpha`) of 0.99 and an epsilon of 1e-8. State:
/// `square_avg` (v), `grad_avg` (a), `momentum_buffer` (m), `step`.
/// Source: keras.optimizers.RMSprop.
class RMSprop final : public OptimizerOf<RMSpropOptions> {
 public:
  using OptimizerOf::OptimizerOf;

 protected:
  std::unique_ptr<torch::optim::Optimizer> make_checked(
      std::vector<at::Tensor> parameters) const override;
};

}  // namespace assay::training::optimizers
