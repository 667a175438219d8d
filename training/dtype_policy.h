// SPDX-License-Identifier: Apache-2.0
// In what types a model computes: Keras's dtype policies on LibTorch's autocast.
#pragma once
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <string>
#include <string_view>

namespace assay::training {

/// A policy by Keras's name.
///
/// "float32": everything in the types of the model's tensors.
/// "mixed_bfloat16": matrix products and convolutions of the forward pass, and so their gradients,
/// in bfloat16 (LibTorch's autocast, on the device of the input); parameters, gradients of
/// parameters, optimizer, losses and metrics in float32. A model of float64 stays in float64.
/// "float64": everything in float64, for what rounding must not decide: the model's floating
/// tensors and its input become float64.
/// Source: keras.config.set_dtype_policy, keras.DTypePolicy.
class DtypePolicy {
 public:
  DtypePolicy() = default;
  /// Errors: ValueError for any other name.
  explicit DtypePolicy(std::string_view name);

  /// Keras's name of it.
  std::string name() const;

  /// Gives the model's tensors their type.
  void apply_to(torch::nn::Module& module) const;

  /// What the tensor of a forward pass comes out as: bfloat16 as float32, anything else as it is.
  template <class Forward>
  at::Tensor run(const Forward& forward, const at::Tensor& x) const {
    if (kind_ == Kind::kFloat32) return forward(x);
    if (kind_ == Kind::kFloat64) return forward(in_float64(x));
    const Autocast autocast(x.device().type(), at::kBFloat16);
    return in_float32(forward(x));
  }

 private:
  enum class Kind { kFloat32, kFloat64, kMixedBfloat16 };

  // Autocast as long as it lives; what was before comes back.
  class Autocast {
   public:
    Autocast(at::DeviceType device, at::ScalarType type);
    ~Autocast();
    Autocast(const Autocast&) = delete;
    Autocast& operator=(const Autocast&) = delete;

   private:
    at::DeviceType device_;
    bool was_enabled_;
    at::ScalarType old_type_;
  };

  static at::Tensor in_float32(const at::Tensor& y);
  static at::Tensor in_float64(const at::Tensor& x);

  Kind kind_ = Kind::kFloat32;
};

}  // namespace assay::training
