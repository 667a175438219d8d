// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/confusion_base.h>

namespace assay::metrics {

/// For how much a miss counts by its distance.
inline constexpr Constraint<std::optional<std::string>> a_weighting{
    [](const std::optional<std::string>& x) { return !x || *x == "linear" || *x == "quadratic"; },
    "null, \"linear\" or \"quadratic\""};

/// Options of `CohenKappa`.
struct CohenKappaOptions {
  static constexpr auto class_name = "CohenKappa";
  std::int64_t num_classes = 0;
  std::optional<std::string> weighting;
  std::string name = "cohen_kappa";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = CohenKappaOptions;
    return assay::fields(
        field("num_classes", &Self::num_classes, "Number of classes.", a_number_of_classes),
        field("weighting", &Self::weighting,
              "What a confusion of classes i and j costs: null (1), \"linear\" (|i - j|) or "
              "\"quadratic\" ((i - j)^2).",
              a_weighting),
        metric_fields<Self>());
  }
};

/// Agreement beyond chance, from 0 (chance) to 1, below 0 where worse:
/// 1 - sum(cost_ij n_ij) / sum(cost_ij t_i p_j / n), 0 where chance cannot err (0/0, which is NaN
/// in scikit-learn).
///
/// n_ij counts labels i predicted as j, t_i and p_j are its sums. `weighting` suits ordered
/// classes. A miss costs as much as the farthest confusion.
///
/// Shapes, weights, errors: see ConfusionBase. Source: sklearn.metrics.cohen_kappa_score.
class CohenKappa final : public MetricOf<CohenKappa, CohenKappaOptions, ConfusionBase> {
 public:
  /// Errors: ValueError for an option out of its range.
  explicit CohenKappa(Options options = {});

 protected:
  at::Tensor compute() const override;
};

}  // namespace assay::metrics
