// SPDX-License-Identifier: Apache-2.0
#include "peers.h"

#include <map>

namespace assay::benchmarks {
namespace {

using State = ComposedMetric::State;

at::Tensor quotient(const State& s) { return s[0] / s[1]; }

at::Tensor count_of(const at::Tensor& values) {
  return at::scalar_tensor(values.size(0), at::kLong);
}

State crossentropy(const Inputs& in, const Workload&) {
  const auto picked = in.y_pred.gather(1, in.y_true.unsqueeze(1)).squeeze(1);
  return {(in.y_pred.logsumexp(1) - picked).sum(), count_of(in.y_true)};
}

State accuracy(const Inputs& in, const Workload&) {
  return {in.y_pred.argmax(-1).eq(in.y_true).sum(), count_of(in.y_true)};
}

State top_k(const Inputs& in, const Workload& w) {
  const auto best = std::get<1>(in.y_pred.topk(w.option("k", 5), -1, true, /*sorted=*/false));
  return {best.eq(in.y_true.unsqueeze(-1)).sum(), count_of(in.y_true)};
}

// How many predictions of the label 0 and of the label 1 lie in each interval between thresholds.
State histogram(const Inputs& in, const at::Tensor& bin, std::int64_t bins) {
  const auto counts =
      at::bincount((bin + in.y_true.flatten().to(at::kLong) * bins), {}, 2 * bins).view({2, bins});
  return {counts[1], counts[0]};
}

constexpr std::int64_t kThresholds = 200;

State auc(const Inputs& in, const Workload&) {
  const auto bin = (in.y_pred.flatten() * (kThresholds - 1)).ceil().to(at::kLong);
  return histogram(in, bin, kThresholds);
}

// Above each threshold: the sum of all bins to its right.
at::Tensor above(const at::Tensor& counts) { return counts.flip(0).cumsum(0).flip(0); }

at::Tensor area(const State& s) {
  const auto zero = at::zeros({1}, at::kLong);
  const auto tp = at::cat({above(s[0]), zero}).to(at::kDouble);
  const auto fp = at::cat({above(s[1]), zero}).to(at::kDouble);
  return at::trapezoid((tp / tp[0]).flip(0), (fp / fp[0]).flip(0));
}

State threshold_counts(const Inputs& in, const Workload& w) {
  const auto thresholds = w.option("thresholds", std::vector<double>());
  if (!thresholds.empty()) {
    const auto edges = at::tensor(thresholds, at::kFloat);
    const auto bin = at::searchsorted(edges, in.y_pred.flatten());
    return histogram(in, bin, static_cast<std::int64_t>(thresholds.size()) + 1);
  }
  const auto claimed = in.y_pred.gt(0.5);
  const auto right = at::where(claimed, in.y_true, 0).sum();
  return {right, claimed.sum(), in.y_true.sum()};
}

at::Tensor precision(const State& s) {
  if (s[0].dim() == 0) return s[0] / s[1];
  const auto tp = above(s[0]).slice(0, 1);
  return tp / (tp + above(s[1]).slice(0, 1));
}

at::Tensor recall(const State& s) {
  if (s[0].dim() == 0) return s[0] / s[2];
  return above(s[0]).slice(0, 1) / s[0].sum();
}

State confusion(const at::Tensor& labels, const at::Tensor& predictions, std::int64_t classes) {
  const auto pairs = (labels * classes + predictions).flatten();
  return {at::bincount(pairs, {}, classes * classes).view({classes, classes})};
}

State class_confusion(const Inputs& in, const Workload& w) {
  return confusion(in.y_true.argmax(-1), in.y_pred.argmax(-1), w.shape.back());
}

State id_confusion(const Inputs& in, const Workload& w) {
  return confusion(in.y_true, in.y_pred, w.option("num_classes", 0));
}

at::Tensor macro_f1(const State& s) {
  return (2 * s[0].diagonal() / (s[0].sum(0) + s[0].sum(1))).mean();
}

at::Tensor mean_iou(const State& s) {
  return (s[0].diagonal() / (s[0].sum(0) + s[0].sum(1) - s[0].diagonal())).mean();
}

State squared_error(const Inputs& in, const Workload&) {
  return {(in.y_true - in.y_pred).square().sum(), at::scalar_tensor(in.y_true.numel(), at::kLong)};
}

State r2_sums(const Inputs& in, const Workload&) {
  return {(in.y_true - in.y_pred).square().sum(), in.y_true.sum(), in.y_true.square().sum(),
          at::scalar_tensor(in.y_true.numel(), at::kLong)};
}

at::Tensor r2(const State& s) { return 1 - s[0] / (s[2] - s[1].square() / s[3]); }

State moments(const Inputs& in, const Workload&) {
  return {in.y_true.sum(),
          in.y_pred.sum(),
          in.y_true.square().sum(),
          in.y_pred.square().sum(),
          (in.y_true * in.y_pred).sum(),
          at::scalar_tensor(in.y_true.numel(), at::kLong)};
}

at::Tensor correlation(const State& s) {
  const auto& n = s[5];
  return (s[4] - s[0] * s[1] / n) /
         ((s[2] - s[0].square() / n) * (s[3] - s[1].square() / n)).sqrt();
}

const std::map<std::string, ComposedMetric> kComposed = {
    {"SparseCategoricalCrossentropy", {crossentropy, quotient}},
    {"SparseCategoricalAccuracy", {accuracy, quotient}},
    {"SparseTopKCategoricalAccuracy", {top_k, quotient}},
    {"AUC", {auc, area}},
    {"Precision", {threshold_counts, precision}},
    {"Recall", {threshold_counts, recall}},
    {"F1Score", {class_confusion, macro_f1}},
    {"MeanIoU", {id_confusion, mean_iou}},
    {"MeanSquaredError", {squared_error, quotient}},
    {"R2Score", {r2_sums, r2}},
    {"PearsonCorrelation", {moments, correlation}},
};

}  // namespace

ComposedMetric composed_metric(const Workload& workload) {
  return kComposed.at(workload.class_name());
}

}  // namespace assay::benchmarks
