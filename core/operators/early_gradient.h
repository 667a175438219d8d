// SPDX-License-Identifier: Apache-2.0
// A gradient that a forward kernel writes while it has its inputs at hand, so that backward need
// not read them again. Who computes a loss of nothing but an operator's values says how it reduces
// them; the kernel then knows the gradient of each value for a loss whose own gradient is 1:
//
//   const ExpectReduction expect(Reduction::kSumOverBatchSize);     // Loss::forward
//   const early_gradient::Wanted wanted(needs_gradient(y_pred));    // FusedOperator
//   if (const auto g = early_gradient::asked(rows)) { ...; early_gradient::give(gradient, *g); }
//
// Backward takes it where the gradient it gets is that number, and runs its kernel otherwise.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/reduction.h>

#include <optional>

#pragma GCC visibility push(hidden)
namespace assay {

/// In its scope, on its thread, the next operator's values are reduced so.
class ExpectReduction {
 public:
  /// Nothing: how they are reduced is not known.
  explicit ExpectReduction(std::optional<Reduction> reduction);
  ~ExpectReduction();
  ExpectReduction(const ExpectReduction&) = delete;
  ExpectReduction& operator=(const ExpectReduction&) = delete;

 private:
  std::optional<Reduction> before_;
};

/// A gradient that a forward kernel wrote.
struct EarlyGradient {
  at::Tensor tensor;    ///< undefined: none
  double of_value = 0;  ///< the gradient of each value that it was made for
};

/// How an operator and its kernel agree on a gradient that is written early; all on one thread.
namespace early_gradient {

/// An operator's call whose predictions need a gradient, or do not.
class Wanted {
 public:
  /// In its scope a kernel makes an early gradient, if `wanted` and the reduction is known.
  explicit Wanted(bool wanted);
  ~Wanted();
  Wanted(const Wanted&) = delete;
  Wanted& operator=(const Wanted&) = delete;
};

/// The gradient of each of a kernel's values, where an early one is wanted and that is known.
/// `counted`: the values that a mean is over.
std::optional<double> asked(std::int64_t counted);

/// A kernel's gradient for the operator that wants it.
void give(at::Tensor gradient, double of_value);

/// What was given since, once.
EarlyGradient take();

/// Whether `grad` is, in its type, that number for every value.
bool is_for(const EarlyGradient& early, const at::Tensor& grad);

}  // namespace early_gradient
}  // namespace assay
#pragma GCC visibility pop
