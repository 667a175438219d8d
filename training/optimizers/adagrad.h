// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/optimizers/optimizer.h>

namespace assay::training::optimizers {

/// Options of `Adagrad`.
struct AdagradOptions {
  static constexpr auto class_name = "Adagrad";
  LearningRate learning_rate = 0.001;
  double initial_accumulator_value = 0.1;
  double epsilon = 1e-7;
  std::optional<double> weight_decay = std::nullopt;
  std::optional<double> clipnorm = std::nullopt;
  std::optional<double> clipvalue = std::nullopt;
  std::optional<double> global_clipnorm = std::nullopt;
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = std::nullopt;
  std::optional<double> loss_scale_factor = std::nullopt;
  std::optional<std::int64_t> gradient_accumulation_steps = std::nullopt;
  std::string name = "adagrad";

  static constexpr auto fields() {
    using O = AdagradOptions;
    return assay::fields(optimizer_fields<O>(),
                         field("initial_accumulator_value", &O::initial_accumulator_value,
                               "Where the sum of squared gradients starts.", not_negative),
                         field("epsilon", &O::epsilon,
                               "Added under the root, against division by 0.", not_negative));
  }
};

/// The gradient over the root of the sum of its squares:
///
///     s += g^2;  w -= learning_rate * g / sqrt(s + epsilon)       (s starts at
///                                                                  initial_accumulator_value)
///
/// LibTorch adds its epsilon outside the root; its defaults are a start at 0 and an epsilon of
/// 1e-10. State: `step`, `sum` (s).
/// Source: keras.optimizers.Adagrad.
class Adagrad final : public OptimizerOf<AdagradOptions> {
 public:
  using OptimizerOf::OptimizerOf;

 protected:
  std::unique_ptr<torch::optim::Optimizer> make_checked(
      std::vector<at::Tensor> parameters) const override;
};

}  // namespace assay::training::optimizers
