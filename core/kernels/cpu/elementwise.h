// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <assay/core/kernels/cpu/scalar_types.h>

#include <cstdint>

/// Losses that are a sum over the last axis of one function of a target t and a prediction p.
/// A new one is a functor in elementwise_regression-inl.h or elementwise_binary-inl.h, a name in
/// the enumeration below, and a line in elementwise.cpp.
/// T is float, double, BFloat16 or Float16.
namespace assay::kernels::cpu {

enum class Elementwise {
  kSquaredError,             // (p - t)^2
  kAbsoluteError,            // |p - t|
  kAbsolutePercentageError,  // 100 |p - t| / max(|t|, 1e-7)
  kSquaredLogarithmicError,  // (log(1 + max(p, 1e-7)) - log(1 + max(t, 1e-7)))^2
  kHuber,                    // e^2 / 2 where |e| <= delta, else delta |e| - delta^2 / 2
  kLogCosh,                  // log(cosh(p - t))
  kQuantile,                 // max(q (t - p), (q - 1) (t - p))
  kPoisson,                  // p - t log(p + 1e-7)
  kKullbackLeibler,          // t log(t / p), both clipped to [1e-7, 1]
  kHinge,                    // max(1 - t p, 0)
  kSquaredHinge,             // max(1 - t p, 0)^2
  kBinaryCrossentropy,       // w t cost(1) + (1 - t) cost(0); see ElementwiseOptions
  kBinaryFocalCrossentropy,  // (1 - p_t)^gamma times the above, p_t = t p + (1 - t) (1 - p)
};

struct ElementwiseOptions {
  double delta = 1.0;     ///< kHuber
  double quantile = 0.5;  ///< kQuantile
  /// The hinges: labels are 0 and 1, and mean -1 and 1.
  bool binary_labels = false;
  /// The binary cross-entropies: predictions are logits x. The cost of a 1 is then
  /// log(1 + exp(-x)), else -log(p) with p clipped to [1e-7, 1 - 1e-7].
  bool from_logits = false;
  double label_smoothing = 0.0;  ///< a: targets are t (1 - a) + a / 2
  double pos_weight = 1.0;       ///< w, kBinaryCrossentropy only
  double gamma = 2.0;            ///< kBinaryFocalCrossentropy
  double alpha = 0.25;
  bool apply_class_balancing = false;  ///< times t alpha + (1 - t) (1 - alpha)
};

/// Contiguous matrices [rows, inner].
template <class T>
struct ElementwiseInput {
  Elementwise loss = Elementwise::kSquaredError;
  ElementwiseOptions options;
  const T* y_true = nullptr;
  const T* y_pred = nullptr;
  int64_t inner = 1;
  double divisor = 1.0;  ///< inner for a mean, 1 for a sum
};

/// value[row] = sum_j f(t_j, p_j) / divisor for the rows [begin, end). A row's value does not
/// depend on the range that it is in. Where `grad` is not null it receives what
/// elementwise_backward writes for every row's output gradient grad_value, which is not 0: both
/// from one reading.
template <class T>
void elementwise_forward(const ElementwiseInput<T>& input, int64_t begin, int64_t end,
                         Compute<T>* value, Compute<T> grad_value = 0, T* grad = nullptr);

/// The sum of f over the elements [first, first + n) of a row, not divided; with their gradients as
/// elementwise_forward writes them.
template <class T>
double elementwise_sum(const ElementwiseInput<T>& input, int64_t first, int64_t n,
                       Compute<T> grad_value, T* grad);

/// grad_j = g / divisor df/dp(t_j, p_j), g = grad_value[row * grad_stride]: a stride of 0
/// broadcasts a scalar. Exactly 0 where g is 0, whatever the prediction. Where f has a kink the
/// gradient is 0 for errors of 0 and for margins of 1; at the ends of a clip it passes.
template <class T>
void elementwise_backward(const ElementwiseInput<T>& input, int64_t begin, int64_t end,
                          const Compute<T>* grad_value, int64_t grad_stride, T* grad);

}  // namespace assay::kernels::cpu
