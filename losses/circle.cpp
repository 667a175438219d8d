// SPDX-License-Identifier: Apache-2.0
#include <assay/core/labels.h>
#include <assay/core/operators/fused_operator.h>
#include <assay/core/shapes.h>
#include <assay/losses/circle.h>
#include <assay/losses/loss-inl.h>

#include <limits>

namespace assay::losses {
namespace {

// Which rows a row is paired with.
struct Pairs {
  at::Tensor same;      ///< [batch, batch], the same class
  at::Tensor other;     ///< [batch, batch], another class
  at::Tensor complete;  ///< [batch], rows with pairs of both kinds
};

Pairs pairs_of(const at::Tensor& labels, bool remove_diagonal) {
  auto same = labels.unsqueeze(1).eq(labels.unsqueeze(0));
  const auto other = same.logical_not();
  if (remove_diagonal) same = same.fill_diagonal_(false);
  return {same, other, same.any(1).logical_and(other.any(1))};
}

// Over the chosen entries of each row; 0 for a row without any, so that no derivative is NaN.
at::Tensor log_sum_exp(const at::Tensor& scores, const at::Tensor& chosen) {
  constexpr auto kNothing = -std::numeric_limits<double>::infinity();
  const auto any = chosen.any(1, /*keepdim=*/true);
  return at::where(any, at::where(chosen, scores, kNothing), 0.0).logsumexp(1);
}

at::Tensor embedding_labels(const at::Tensor& y_true, const at::Tensor& y_pred) {
  const bool one_a_row = y_true.dim() == 1 || (y_true.dim() == 2 && y_true.size(1) == 1);
  TORCH_CHECK_VALUE(one_a_row && y_pred.dim() == 2 && y_true.size(0) == y_pred.size(0),
                    "y_true has shape ", describe(y_true.sizes()), ", y_pred has shape ",
                    describe(y_pred.sizes()), "; expected [batch] or [batch, 1], and [batch, dim]");
  return integer_labels(y_true).reshape(-1);
}

struct CircleFormula {
  static constexpr auto name = "circle";
  static constexpr auto options = ", float gamma=80.0, float margin=0.4, bool remove_diagonal=True";
  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred, double gamma,
                             double margin, bool remove_diagonal) {
    const auto pairs = pairs_of(y_true, remove_diagonal);
    const auto distance = (1 - y_pred.matmul(y_pred.t())).clamp_min(0);
    const auto pull = gamma * (distance + margin) * (distance - margin);
    const auto push = gamma * (1 + margin - distance).clamp_min(0) * (1 - margin - distance);
    const auto score = log_sum_exp(pull, pairs.same) + log_sum_exp(push, pairs.other);
    return at::where(pairs.complete, -at::log_sigmoid(-score), at::zeros_like(score));
  }
};

using CircleOperator = FusedOperator<CircleFormula, double, double, bool>;

TORCH_LIBRARY_FRAGMENT(assay, library) { CircleOperator::define(library); }

}  // namespace

at::Tensor circle(const at::Tensor& y_true, const at::Tensor& y_pred, double gamma, double margin,
                  bool remove_diagonal) {
  return CircleOperator::call(embedding_labels(y_true, y_pred), y_pred, gamma, margin,
                              remove_diagonal);
}

LossValues CircleImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  const auto& o = options();
  const auto labels = embedding_labels(y_true, y_pred);
  return {CircleOperator::call(labels, y_pred, o.gamma, o.margin, o.remove_diagonal),
          pairs_of(labels, o.remove_diagonal).complete};
}

void register_circle(LossRegistry& registry) { registry.add<CircleImpl>(); }

}  // namespace assay::losses
