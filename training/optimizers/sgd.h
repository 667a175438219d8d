// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/optimizers/optimizer.h>

namespace assay::training::optimizers {

/// Options of `SGD`.
struct SGDOptions {
  static constexpr auto class_name = "SGD";
  LearningRate learning_rate = 0.01;
  double momentum = 0.0;
  bool nesterov = false;
  std::optional<double> weight_decay = std::nullopt;
  std::optional<double> clipnorm = std::nullopt;
  std::optional<double> clipvalue = std::nullopt;
  std::optional<double> global_clipnorm = std::nullopt;
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency = std::nullopt;
  std::optional<double> loss_scale_factor = std::nullopt;
  std::optional<std::int64_t> gradient_accumulation_steps = std::nullopt;
  std::string name = "sgd";

  static constexpr auto fields() {
    using O = SGDOptions;
    return assay::fields(optimizer_fields<O>(),
                         field("momentum", &O::momentum,
                               "How much of the last update goes into the next.", in_unit_interval),
                         field("nesterov", &O::nesterov, "Whether the momentum is Nesterov's."));
  }
};

/// Gradient descent, with momentum:
///
///     w -= learning_rate * g                                      where momentum = 0
///     v  = momentum * v - learning_rate * g;  w += v              else
///     v  = momentum * v - learning_rate * g;
///     w += momentum * v - learning_rate * g                       where nesterov
///
/// LibTorch's momentum buffer is a sum of gradients that is multiplied by the learning rate when it
/// is used, so the two differ while a learning rate changes: here an old update keeps its rate. The
/// buffer (state `momentum_buffer`) holds v.
/// Source: keras.optimizers.SGD.
class SGD final : public OptimizerOf<SGDOptions> {
 public:
  using OptimizerOf::OptimizerOf;

 protected:
  std::unique_ptr<torch::optim::Optimizer> make_checked(
      std::vector<at::Tensor> parameters) const override;
};

}  // namespace assay::training::optimizers
