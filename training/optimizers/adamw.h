// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/optimizers/adam.h>

namespace assay::training::optimizers {

/// Options of `AdamW`.
struct AdamWOptions {
  static constexpr auto class_name = "AdamW";
  LearningRate learning_rate = 0.001;
  std::optional<double> weight_decay = 0.004;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;
  std::optional<double> clipnorm = std::nullopt;
  std::optional<double> clipvalue = std::nullopt;
  std::optional<double> global_clipnorm = std::nullopt;
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = std::nullopt;
  std::optional<double> loss_scale_factor = std::nullopt;
  std::optional<std::int64_t> gradient_accumulation_steps = std::nullopt;
  std::string name = "adam_w";

  static constexpr auto fields() {
    return assay::fields(optimizer_fields<AdamWOptions>(), adam_fields<AdamWOptions>());
  }
};

/// Adam with weight decay: w -= learning_rate * weight_decay * w, then the update of `Adam`.
///
/// Differs from LibTorch's AdamW in epsilon, as Adam does, and in defaults: a weight_decay of 0.004
/// (LibTorch: 0.01).
/// Errors: ValueError where weight_decay is null.
/// Source: keras.optimizers.AdamW.
class AdamW final : public OptimizerOf<AdamWOptions> {
 public:
  /// Errors: ValueError for an option out of its range, more than one of clipnorm,
  /// clipvalue and global_clipnorm, or no weight_decay.
  explicit AdamW(Options given = {});

 protected:
  std::unique_ptr<torch::optim::Optimizer> make_checked(
      std::vector<at::Tensor> parameters) const override;
};

}  // namespace assay::training::optimizers
