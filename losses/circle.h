// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `Circle`.
struct CircleOptions {
  static constexpr auto class_name = "Circle";
  double gamma = 80;
  double margin = 0.4;
  bool remove_diagonal = true;
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "circle";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() {
    using Self = CircleOptions;
    return assay::fields(
        field("gamma", &Self::gamma, "Scale of the similarities.", positive),
        field("margin", &Self::margin, "How far classes are kept apart.", not_negative),
        field("remove_diagonal", &Self::remove_diagonal, "A row is no pair with itself."),
        loss_fields<Self>());
  }
};

/// Circle loss of embeddings: pulls those of one class together, and pushes those of others away.
///
///   log(1 + P N)
///   P = sum_j exp(gamma (d_j + m) (d_j - m)), j over the other rows of the row's class
///   N = sum_k exp(gamma max(1 + m - d_k, 0) (1 - m - d_k)), k over the rows of other classes
///
/// with m the margin and d = max(1 - y_pred y_pred^T, 0) the row's distances. Without
/// `remove_diagonal`, j includes the row itself.
///
/// Shapes: y_true [batch] or [batch, 1], integers; y_pred [batch, dim], vectors of length 1; values
/// [batch]. Rows without a pair of either kind are 0.
/// Errors: ValueError for other shapes, labels that are no integers. Source: keras.losses.circle.
at::Tensor circle(const at::Tensor& y_true, const at::Tensor& y_pred, double gamma = 80,
                  double margin = 0.4, bool remove_diagonal = true);

/// The loss of `circle`. Means are over the rows that have pairs of both kinds.
/// Source: keras.losses.Circle.
class CircleImpl final : public LossOf<CircleImpl, CircleOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;

 protected:
  // Every row is compared with every other.
  std::optional<IntegerOrList> value_axes() const override { return std::nullopt; }
};

/// The holder of `CircleImpl`.
using Circle = LossHolder<CircleImpl>;

}  // namespace assay::losses
