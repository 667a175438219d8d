// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/wrapper_base.h>

#include <optional>

namespace assay::metrics {

/// What a class's own metric sees.
enum class PerClassMode {
  kOneVsRest,  ///< The class's scores, against whether the label is the class.
  kByLabel,    ///< Everything, with the weight of other labels' samples set to 0.
};

///@{
/// In JSON "one_vs_rest" or "by_label".
Json write_value(PerClassMode value);
void read_value(const Json& in, PerClassMode& value, const std::string& path);
Json value_schema(const PerClassMode*);
///@}

/// Names of classes, where they are given.
using OptionalNames = std::optional<std::vector<std::string>>;

/// Options of `PerClass`.
struct PerClassOptions {
  static constexpr auto class_name = "PerClass";
  std::shared_ptr<Metric> metric = {};
  std::int64_t num_classes = 0;
  OptionalNames class_names = {};
  PerClassMode mode = PerClassMode::kOneVsRest;
  std::string name = "";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = PerClassOptions;
    return assay::fields(
        field("metric", &Self::metric, "The metric that each class has one of.", a_metric),
        field("num_classes", &Self::num_classes,
              "How many classes there are; may be left out beside class_names."),
        field("class_names", &Self::class_names,
              "What the results are called; null: 0, 1, 2 and so on."),
        field(
            "mode", &Self::mode,
            "one_vs_rest: a class's scores against whether it is the label; by_label: everything, "
            "over the samples with that label."),
        metric_fields<Self>());
  }
};

/// Any metric, once for each class.
///
///     metrics::PerClass recall({.metric = metrics::get("recall"), .class_names = {{"cat",
///     "dog"}}}); recall.update_state(y_true, y_pred);   // [batch] and [batch, 2]
///     recall.results();                      // per_class_recall_cat, per_class_recall_dog
///
/// `kOneVsRest`: y_pred is [batch, d0 .. dN, classes]; y_true has that shape, or holds class ids
/// and lacks the last axis (or has a 1 there). The class's metric gets both as
/// [batch, d0 .. dN, 1], and of a weight of y_pred's shape the class's part.
/// `kByLabel`: y_true holds class ids [batch, d0 .. dN], or one row of y_pred's shape a label, of
/// which the first largest counts; the metric gets everything as it is.
///
/// Result: [classes, ..]. Name: "per_class_" and the metric's, where none is given.
/// Variables: the metric's, [classes, ..].
/// Errors: ValueError for shapes that do not fit, and for labels out of range (on the CPU).
/// Source: torchmetrics.wrappers.ClasswiseWrapper.
class PerClass final : public MetricOf<PerClass, PerClassOptions, WrapperBase> {
 public:
  /// Errors: ValueError for an option out of its range, without a metric, or where there
  /// are not as many names as classes. The metric given stays as it is.
  explicit PerClass(PerClassOptions options);

  std::vector<std::pair<std::string, at::Tensor>> results() const override;

 protected:
  void update(const at::Tensor& y_true, const at::Tensor& y_pred,
              const at::Tensor& sample_weight) override;
  at::Tensor compute() const override { return stacked_results(); }
};

}  // namespace assay::metrics
