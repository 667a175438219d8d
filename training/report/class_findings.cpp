// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/report/class_findings.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace assay::training::report {
namespace {

constexpr std::int64_t kMostClasses = 100;  // a larger confusion matrix nobody reads
constexpr std::int64_t kMostCurves = 8;
constexpr std::int64_t kBins = 10;
constexpr std::int64_t kCountedAtOnce = std::int64_t{1} << 18;  // probabilities

Json numbers(const at::Tensor& tensor) {
  const auto values = tensor.to(at::kCPU, at::kDouble).contiguous();
  return std::vector<double>(values.data_ptr<double>(), values.data_ptr<double>() + values.numel());
}

template <class Curve>
Json points(Curve& metric) {
  const auto result = metric.result();
  return {{"x", numbers(result[0])}, {"y", numbers(result[1])}};
}

// "3, 17": where a place is among those of its row.
std::string position(std::int64_t place, const std::vector<std::int64_t>& shape) {
  std::string text;
  for (auto size = shape.rbegin(); size != shape.rend(); ++size) {
    text = std::to_string(place % *size) + (text.empty() ? "" : ", ") + text;
    place /= *size;
  }
  return text;
}

}  // namespace

std::string ClassFindings::name(std::int64_t id) const {
  const auto index = static_cast<std::size_t>(id);
  return index < class_names_.size() ? class_names_[index] : std::to_string(id);
}

void ClassFindings::begin(std::int64_t classes) {
  classes_ = classes;
  if (classes <= kMostClasses) confusion_ = at::zeros({classes * classes}, at::kLong);
  calibration_ = at::zeros({3, kBins}, at::kDouble);
  const std::int64_t first = classes == 2 ? 1 : 0;  // of two the second is the positive one
  for (auto id = first; id < std::min(classes, kMostCurves); ++id) curves_.emplace_back(id);
}

bool ClassFindings::add(const ClassRows& rows, std::int64_t first_row) {
  if (classes_ == 0) begin(rows.probability.size(1));
  if (rows.probability.size(1) != classes_) return false;
  if (rows.label.size(0) == 0) return true;
  const auto of_label = rows.probability.gather(1, rows.label.unsqueeze(1)).squeeze(1);
  std::int64_t places_of_row = 1;
  for (const auto size : rows.shape) places_of_row *= size;
  worst_.add(-of_label, [&](std::int64_t i) {
    const auto place = rows.place[i].item<std::int64_t>();
    Json entry = {{"row", first_row + place / places_of_row}};
    if (!rows.shape.empty()) entry["position"] = position(place % places_of_row, rows.shape);
    entry["label"] = name(rows.label[i].item<std::int64_t>());
    const auto [confidence, predicted] = rows.probability[i].max(0);
    entry["prediction"] = name(predicted.item<std::int64_t>());
    entry["probability_of_label"] = of_label[i].item<double>();
    entry["confidence"] = confidence.item<double>();
    return entry;
  });
  labels_.push_back(rows.label);
  probabilities_.push_back(rows.probability);
  gathered_ += rows.probability.numel();
  if (gathered_ >= kCountedAtOnce) count_gathered();
  return true;
}

void ClassFindings::count_gathered() {
  if (labels_.empty()) return;
  const auto label = at::cat(labels_);
  const auto probability = at::cat(probabilities_);
  labels_.clear();
  probabilities_.clear();
  gathered_ = 0;
  const auto [confidence, predicted] = probability.max(1);
  if (confusion_.defined()) {
    confusion_ += at::bincount(label * classes_ + predicted, {}, classes_ * classes_);
  }
  for (auto& curve : curves_) {
    const auto is_class = label.eq(curve.id).to(at::kDouble);
    const auto score = probability.select(1, curve.id);
    curve.roc.update_state(is_class, score);
    curve.precision_recall.update_state(is_class, score);
  }
  calibrate(confidence, predicted.eq(label).to(at::kDouble));
}

void ClassFindings::calibrate(const at::Tensor& confidence, const at::Tensor& hit) {
  const auto bin = confidence.mul(kBins).floor().clamp(0, kBins - 1).to(at::kLong);
  const auto values = at::stack({confidence, hit, at::ones_like(confidence)});
  calibration_.index_add_(1, bin, values);
}

Json ClassFindings::json() {
  count_gathered();
  Json result = Json::object();
  const auto worst = worst_.json();
  if (worst.empty()) return result;
  for (std::int64_t id = 0; id < classes_; ++id) result["classes"].push_back(name(id));
  if (confusion_.defined()) {
    for (std::int64_t id = 0; id < classes_; ++id) {
      result["confusion"].push_back(numbers(confusion_.narrow(0, id * classes_, classes_)));
    }
  }
  for (auto& curve : curves_) {
    result["roc"][name(curve.id)] = points(curve.roc);
    result["precision_recall"][name(curve.id)] = points(curve.precision_recall);
  }
  const auto places = calibration_[2];
  result["calibration"] = {{"confidence", numbers(calibration_[0] / places.clamp_min(1))},
                           {"accuracy", numbers(calibration_[1] / places.clamp_min(1))},
                           {"rows", numbers(places)}};
  result["worst"] = worst;
  return result;
}

}  // namespace assay::training::report
