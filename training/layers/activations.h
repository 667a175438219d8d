// SPDX-License-Identifier: Apache-2.0
// Layers that apply a function to each element, or along an axis.
#pragma once
#include <assay/training/layers/activation_function.h>
#include <assay/training/layers/layer.h>

#include <cstdint>

namespace assay::training::layers {

/// Options of `Activation`.
struct ActivationOptions {
  static constexpr auto class_name = "Activation";
  ActivationName activation = {};
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    return assay::fields(
        field("activation", &ActivationOptions::activation, "Keras's name of the function."),
        layer_fields<ActivationOptions>());
  }
};

/// The function of that name. Source: keras.layers.Activation.
class Activation final : public LayerOf<Activation, ActivationOptions> {
 public:
  /// Errors: ValueError where no function has that name.
  explicit Activation(Options options = {});
  at::Tensor forward(const at::Tensor& x) override;
};

/// Options of `ReLU`.
struct ReLUOptions {
  static constexpr auto class_name = "ReLU";
  std::optional<double> max_value = std::nullopt;
  double negative_slope = 0;
  double threshold = 0;
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    using O = ReLUOptions;
    return assay::fields(
        field("max_value", &O::max_value, "Greatest value; null: none.",
              {[](const std::optional<double>& x) { return !x || not_negative.holds(*x); },
               "a number of at least 0, or null"}),
        field("negative_slope", &O::negative_slope, "Slope below the threshold.", not_negative),
        field("threshold", &O::threshold, "Where the value starts to count.", not_negative),
        layer_fields<O>());
  }
};

/// x where x >= threshold, max_value where that is less, negative_slope * (x - threshold) below.
/// Source: keras.layers.ReLU.
class ReLU final : public LayerOf<ReLU, ReLUOptions> {
 public:
  using LayerOf::LayerOf;
  at::Tensor forward(const at::Tensor& x) override;
};

/// Options of `LeakyReLU`.
struct LeakyReLUOptions {
  static constexpr auto class_name = "LeakyReLU";
  double negative_slope = 0.3;
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    using O = LeakyReLUOptions;
    return assay::fields(field("negative_slope", &O::negative_slope, "Slope below 0.", finite),
                         layer_fields<O>());
  }
};

/// max(x, 0) + negative_slope * min(x, 0). LibTorch's default slope is 0.01.
/// Source: keras.layers.LeakyReLU.
class LeakyReLU final : public LayerOf<LeakyReLU, LeakyReLUOptions> {
 public:
  using LayerOf::LayerOf;
  at::Tensor forward(const at::Tensor& x) override;
};

/// Options of `ELU`.
struct ELUOptions {
  static constexpr auto class_name = "ELU";
  double alpha = 1.0;
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    using O = ELUOptions;
    return assay::fields(field("alpha", &O::alpha, "What the value goes to below 0.", finite),
                         layer_fields<O>());
  }
};

/// x where x > 0, else alpha * (exp(x) - 1). Source: keras.layers.ELU.
class ELU final : public LayerOf<ELU, ELUOptions> {
 public:
  using LayerOf::LayerOf;
  at::Tensor forward(const at::Tensor& x) override;
};

/// Options of `Softmax`.
struct SoftmaxOptions {
  static constexpr auto class_name = "Softmax";
  std::int64_t axis = -1;
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    using O = SoftmaxOptions;
    return assay::fields(field("axis", &O::axis, "The axis along which the values sum to 1."),
                         layer_fields<O>());
  }
};

/// exp(x) / sum(exp(x)) along an axis. Source: keras.layers.Softmax.
class Softmax final : public LayerOf<Softmax, SoftmaxOptions> {
 public:
  using LayerOf::LayerOf;
  at::Tensor forward(const at::Tensor& x) override;
};

/// Options of `LogSoftmax`.
struct LogSoftmaxOptions {
  static constexpr auto class_name = "LogSoftmax";
  std::int64_t dim = -1;
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    using O = LogSoftmaxOptions;
    return assay::fields(field("dim", &O::dim, "The axis along which the exponentials sum to 1."),
                         layer_fields<O>());
  }
};

/// The logarithm of Softmax. Source: torch.nn.LogSoftmax.
class LogSoftmax final : public LayerOf<LogSoftmax, LogSoftmaxOptions> {
 public:
  using LayerOf::LayerOf;
  at::Tensor forward(const at::Tensor& x) override;
};

/// Options of `GELU`.
struct GELUOptions {
  static constexpr auto class_name = "GELU";
  std::string approximate = "none";
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    using O = GELUOptions;
    return assay::fields(
        field("approximate", &O::approximate, "none, or tanh for the faster formula.",
              {[](const std::string& text) { return text == "none" || text == "tanh"; },
               "none or tanh"}),
        layer_fields<O>());
  }
};

/// x * Phi(x), with Phi the normal distribution's. Source: torch.nn.GELU.
class GELU final : public LayerOf<GELU, GELUOptions> {
 public:
  using LayerOf::LayerOf;
  at::Tensor forward(const at::Tensor& x) override;
};

/// Options of `Sigmoid`.
struct SigmoidOptions {
  static constexpr auto class_name = "Sigmoid";
  std::optional<std::string> name = std::nullopt;
  static constexpr auto fields() { return layer_fields<SigmoidOptions>(); }
};

/// 1 / (1 + exp(-x)). Source: torch.nn.Sigmoid.
class Sigmoid final : public LayerOf<Sigmoid, SigmoidOptions> {
 public:
  using LayerOf::LayerOf;
  at::Tensor forward(const at::Tensor& x) override;
};

/// Options of `Tanh`.
struct TanhOptions {
  static constexpr auto class_name = "Tanh";
  std::optional<std::string> name = std::nullopt;
  static constexpr auto fields() { return layer_fields<TanhOptions>(); }
};

/// tanh(x). Source: torch.nn.Tanh.
class Tanh final : public LayerOf<Tanh, TanhOptions> {
 public:
  using LayerOf::LayerOf;
  at::Tensor forward(const at::Tensor& x) override;
};

/// Options of `SiLU`.
struct SiLUOptions {
  static constexpr auto class_name = "SiLU";
  std::optional<std::string> name = std::nullopt;
  static constexpr auto fields() { return layer_fields<SiLUOptions>(); }
};

/// x / (1 + exp(-x)). Source: torch.nn.SiLU.
class SiLU final : public LayerOf<SiLU, SiLUOptions> {
 public:
  using LayerOf::LayerOf;
  at::Tensor forward(const at::Tensor& x) override;
};

}  // namespace assay::training::layers
