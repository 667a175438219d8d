// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/operators/early_gradient.h>
#include <assay/core/operators/kernel_input.h>

#include <utility>

namespace assay {
namespace {

struct State {
  std::optional<Reduction> reduction;
  bool wanted = false;
  EarlyGradient given;
};

thread_local State state;

// The number that `grad`, in float32 or float64, repeats by its strides alone.
std::optional<double> repeated_number(const at::Tensor& grad) {
  const auto dtype = grad.scalar_type();
  if (dtype != at::kDouble && dtype != at::kFloat) return std::nullopt;
  const auto one = row_gradient(grad, dtype);
  if (one.stride != 0) return std::nullopt;
  return dtype == at::kDouble ? *kernel_data<double>(one.tensor)
                              : static_cast<double>(*kernel_data<float>(one.tensor));
}

}  // namespace

ExpectReduction::ExpectReduction(std::optional<Reduction> reduction)
    : before_(std::exchange(state.reduction, reduction)) {}

ExpectReduction::~ExpectReduction() { state.reduction = before_; }

namespace early_gradient {

Wanted::Wanted(bool wanted) { state.wanted = wanted && state.reduction; }

Wanted::~Wanted() {
  state.wanted = false;
  state.given = {};
}

std::optional<double> asked(std::int64_t counted) {
  if (!state.wanted || counted == 0) return std::nullopt;
  state.wanted = false;
  switch (*state.reduction) {
    case Reduction::kSum:
      return 1.0;
    case Reduction::kSumOverBatchSize:
    case Reduction::kMeanWithSampleWeight:
      return 1.0 / static_cast<double>(counted);
    case Reduction::kNone:
      break;
  }
  return std::nullopt;
}

void give(at::Tensor gradient, double of_value) { state.given = {std::move(gradient), of_value}; }

EarlyGradient take() { return std::exchange(state.given, {}); }

bool is_for(const EarlyGradient& early, const at::Tensor& grad) {
  if (!early.tensor.defined()) return false;
  const auto number = repeated_number(grad);
  return number && *number == (grad.scalar_type() == at::kDouble
                                   ? early.of_value
                                   : static_cast<double>(static_cast<float>(early.of_value)));
}

}  // namespace early_gradient
}  // namespace assay
