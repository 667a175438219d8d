// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/metrics/precision_recall_curve.h>
#include <assay/metrics/roc_curve.h>
#include <assay/training/label_form.h>
#include <assay/training/report/findings.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace assay::training::report {
namespace {

constexpr std::int64_t kMostClasses = 100;  // a larger confusion matrix nobody reads
constexpr std::int64_t kMostCurves = 8;
constexpr std::int64_t kWorst = 10;
constexpr std::int64_t kBins = 10;

Json numbers(const at::Tensor& tensor) {
  const auto values = tensor.to(at::kCPU, at::kDouble).contiguous();
  return std::vector<double>(values.data_ptr<double>(), values.data_ptr<double>() + values.numel());
}

// Points (x, y) of a curve metric of one class against the rest.
template <class Curve>
Json curve(const at::Tensor& is_class, const at::Tensor& score) {
  Curve metric({.num_thresholds = 101});
  metric.update_state(is_class, score);
  const auto result = metric.result();
  return {{"x", numbers(result[0])}, {"y", numbers(result[1])}};
}

Json calibration(const at::Tensor& confidence, const at::Tensor& hit) {
  const auto bin = confidence.mul(kBins).floor().clamp(0, kBins - 1).to(at::kLong);
  const auto sum = [&](const at::Tensor& values) {
    return at::zeros({kBins}, at::kDouble).index_add_(0, bin, values);
  };
  const auto rows = sum(at::ones_like(confidence));
  return {{"confidence", numbers(sum(confidence) / rows.clamp_min(1))},
          {"accuracy", numbers(sum(hit) / rows.clamp_min(1))},
          {"rows", numbers(rows)}};
}

Json classification(const at::Tensor& label, const at::Tensor& probability,
                    const std::vector<std::string>& class_names) {
  const auto classes = probability.size(1);
  const auto name = [&](std::int64_t id) {
    const auto index = static_cast<std::size_t>(id);
    return index < class_names.size() ? class_names[index] : std::to_string(id);
  };
  Json result;
  for (std::int64_t id = 0; id < classes; ++id) result["classes"].push_back(name(id));
  const auto [confidence, predicted] = probability.max(1);
  if (classes <= kMostClasses) {
    const auto counts = at::bincount(label * classes + predicted, {}, classes * classes);
    for (std::int64_t id = 0; id < classes; ++id) {
      result["confusion"].push_back(numbers(counts.narrow(0, id * classes, classes)));
    }
  }
  const auto first = classes == 2 ? 1 : 0;  // of two classes the second is the positive one
  for (std::int64_t id = first; id < std::min(classes, kMostCurves); ++id) {
    const auto is_class = label.eq(id).to(at::kDouble);
    const auto score = probability.select(1, id);
    result["roc"][name(id)] = curve<metrics::ROCCurve>(is_class, score);
    result["precision_recall"][name(id)] = curve<metrics::PrecisionRecallCurve>(is_class, score);
  }
  result["calibration"] = calibration(confidence, predicted.eq(label).to(at::kDouble));
  const auto of_label = probability.gather(1, label.unsqueeze(1)).squeeze(1);
  const auto order = std::get<1>(of_label.topk(std::min(kWorst, label.size(0)), 0, false));
  for (std::int64_t i = 0; i < order.size(0); ++i) {
    const auto row = order[i].item<std::int64_t>();
    result["worst"].push_back({{"row", row},
                               {"label", name(label[row].item<std::int64_t>())},
                               {"prediction", name(predicted[row].item<std::int64_t>())},
                               {"probability_of_label", of_label[row].item<double>()},
                               {"confidence", confidence[row].item<double>()}});
  }
  return result;
}

Json regression(const at::Tensor& label, const at::Tensor& prediction) {
  const auto error = (prediction - label).abs();
  const auto order = std::get<1>(error.topk(std::min(kWorst, error.size(0))));
  Json result;
  for (std::int64_t i = 0; i < order.size(0); ++i) {
    const auto row = order[i].item<std::int64_t>();
    result["worst"].push_back({{"row", row},
                               {"label", label[row].item<double>()},
                               {"prediction", prediction[row].item<double>()},
                               {"error", error[row].item<double>()}});
  }
  return result;
}

}  // namespace

Json findings(const at::Tensor& y_true, const at::Tensor& y_pred, bool from_logits, bool classifies,
              const std::vector<std::string>& class_names) {
  const auto rows = y_pred.size(0);
  if (!y_true.defined() || y_pred.dim() > 2 || rows == 0) return Json::object();
  const auto scores = y_pred.detach().to(at::kCPU, at::kDouble).reshape({rows, -1});
  const auto y = y_true.detach().cpu();
  const bool one_label = y.numel() == rows;
  if (!classifies) {
    if (!one_label || scores.size(1) != 1) return Json::object();
    return regression(y.reshape({rows}).to(at::kDouble), scores.squeeze(1));
  }
  if (scores.size(1) == 1) {
    if (!one_label) return Json::object();
    const auto positive = from_logits ? scores.sigmoid() : scores;
    return classification(y.reshape({rows}).gt(0).to(at::kLong),
                          at::cat({1 - positive, positive}, 1), class_names);
  }
  const auto probability = from_logits ? scores.softmax(1) : scores;
  const bool sparse = label_form(y, scores) == LabelForm::kSparse;
  if (!sparse) {
    if (y.sizes() != scores.sizes()) return Json::object();
    // A row of several labels, or of none, has no one class.
    const auto labels = y.to(at::kDouble).sum(1);
    if (labels.sub(1).abs().gt(1e-3).any().item<bool>()) return Json::object();
  }
  const auto label = sparse ? y.reshape({rows}).to(at::kLong) : y.argmax(1);
  if (label.lt(0).logical_or(label.ge(scores.size(1))).any().item<bool>()) return Json::object();
  return classification(label, probability, class_names);
}

}  // namespace assay::training::report
