// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/optimizers/optimizer.h>

namespace assay::training::optimizers {

/// What Adam and AdamW have beyond the fields of every optimizer.
template <class Options>
constexpr auto adam_fields() {
  constexpr Constraint<double> decay_rate{[](const double& x) { return x >= 0 && x < 1; },
                                          "a number in [0, 1)"};
  return fields(
      field("beta_1", &Options::beta_1, "Decay of the gradients' mean.", decay_rate),
      field("beta_2", &Options::beta_2, "Decay of the squared gradients' mean.", decay_rate),
      field("epsilon", &Options::epsilon, "Added to the root, against division by 0.",
            not_negative),
      field("amsgrad", &Options::amsgrad, "Whether to divide by the greatest mean so far."));
}

/// Options of `Adam`.
struct AdamOptions {
  static constexpr auto class_name = "Adam";
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;
  std::optional<double> weight_decay = std::nullopt;
  std::optional<double> clipnorm = std::nullopt;
  std::optional<double> clipvalue = std::nullopt;
  std::optional<double> global_clipnorm = std::nullopt;
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = std::nullopt;
  std::optional<double> loss_scale_factor = std::nullopt;
  std::optional<std::int64_t> gradient_accumulation_steps = std::nullopt;
  std::string name = "adam";

  static constexpr auto fields() {
    return assay::fields(optimizer_fields<AdamOptions>(), adam_fields<AdamOptions>());
  }
};

/// For update t = 1, 2 ... of a parameter:
///
///     m += (1 - beta_1) * (g - m)
///     v += (1 - beta_2) * (g^2 - v)
///     w -= learning_rate * sqrt(1 - beta_2^t) / (1 - beta_1^t) * m / (sqrt(v) + epsilon)
///
/// where `amsgrad` divides by the greatest v so far. LibTorch adds its epsilon to
/// sqrt(v / (1 - beta_2^t)) instead, so Keras's weighs 1 / sqrt(1 - beta_2^t) times as much: 32
/// times in the first update. LibTorch's default is 1e-8. State: `step`, `exp_avg` (m),
/// `exp_avg_sq` (v), `max_exp_avg_sq`.
/// Source: keras.optimizers.Adam.
class Adam final : public OptimizerOf<AdamOptions> {
 public:
  using OptimizerOf::OptimizerOf;

 protected:
  std::unique_ptr<torch::optim::Optimizer> make_checked(
      std::vector<at::Tensor> parameters) const override;
};

}  // namespace assay::training::optimizers
