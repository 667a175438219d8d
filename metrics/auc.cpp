// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/auc.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/quotient.h>

namespace assay::metrics {
namespace {

template <class T>
using Spellings = std::vector<std::pair<std::string, T>>;

// The first spelling of each is the one that is written.
const Spellings<AUCCurve>& curves() {
  static const Spellings<AUCCurve> spellings = {
      {"ROC", AUCCurve::kROC}, {"roc", AUCCurve::kROC},       {"PR", AUCCurve::kPR},
      {"pr", AUCCurve::kPR},   {"PRGAIN", AUCCurve::kPRGain}, {"prgain", AUCCurve::kPRGain}};
  return spellings;
}

const Spellings<AUCSummationMethod>& summation_methods() {
  using enum AUCSummationMethod;
  static const Spellings<AUCSummationMethod> spellings = {
      {"interpolation", kInterpolation}, {"Interpolation", kInterpolation},
      {"majoring", kMajoring},           {"Majoring", kMajoring},
      {"minoring", kMinoring},           {"Minoring", kMinoring}};
  return spellings;
}

template <class T>
std::vector<std::string> names(const Spellings<T>& spellings) {
  std::vector<std::string> names;
  for (const auto& [name, value] : spellings) names.push_back(name);
  return names;
}

template <class T>
Json write(T value, const Spellings<T>& spellings) {
  return std::find_if(spellings.begin(), spellings.end(),
                      [&](const auto& spelling) { return spelling.second == value; })
      ->first;
}

template <class T>
void read(const Json& in, T& value, const Spellings<T>& spellings, const std::string& path) {
  for (const auto& [name, known] : spellings) {
    if (in == name) {
      value = known;
      return;
    }
  }
  wrong_value(in, path, "one of " + join(names(spellings)));
}

AUCOptions checked_labels(AUCOptions options) {
  TORCH_CHECK_VALUE(options.multi_label || !options.num_labels,
                    "AUC.num_labels: needed only where multi_label is true");
  TORCH_CHECK_VALUE(
      !options.num_labels || !options.label_weights ||
          static_cast<std::int64_t>(options.label_weights->size()) == *options.num_labels,
      "AUC.label_weights: expected num_labels weights");
  return with_sorted_thresholds(std::move(options));
}

// The values at the lower and at the higher threshold of each interval.
at::Tensor at_lower(const at::Tensor& values) { return values.slice(0, 0, -1); }
at::Tensor at_higher(const at::Tensor& values) { return values.slice(0, 1); }

}  // namespace

Json write_value(AUCCurve value) { return write(value, curves()); }
Json write_value(AUCSummationMethod value) { return write(value, summation_methods()); }
void read_value(const Json& in, AUCCurve& value, const std::string& path) {
  read(in, value, curves(), path);
}
void read_value(const Json& in, AUCSummationMethod& value, const std::string& path) {
  read(in, value, summation_methods(), path);
}
Json value_schema(const AUCCurve*) { return {{"enum", names(curves())}}; }
Json value_schema(const AUCSummationMethod*) { return {{"enum", names(summation_methods())}}; }

AUC::AUC(AUCOptions options) : MetricOf(checked_labels(std::move(options))) {
  const auto& given = this->options();
  keep_all({.thresholds = thresholds_of(given),
            .from_logits = given.from_logits,
            .multi_label = given.multi_label,
            .num_labels = given.num_labels,
            .label_weights = given.label_weights.value_or(std::vector<double>())});
}

at::Tensor AUC::compute() const {
  const bool interpolates_counts = options().curve == AUCCurve::kPR &&
                                   options().summation_method == AUCSummationMethod::kInterpolation;
  const auto area = interpolates_counts ? interpolated_pr() : riemann_sum();
  if (!options().multi_label) return area;
  if (!options().label_weights) return area.mean();
  const auto& weights = label_weights(area.device());
  return quotient((area * weights).sum(), weights.sum());
}

// Between two thresholds the false positives grow linearly with the true ones, so that the area is
//   slope (dTP + intercept log(P_lower / P_higher)) / (TP + FN),   P = TP + FP, slope = dTP / dP.
at::Tensor AUC::interpolated_pr() const {
  const auto& hits = count(kTruePositives);
  const auto claims = hits + count(kFalsePositives);
  const auto more_hits = at_lower(hits) - at_higher(hits);
  const auto slope = quotient(more_hits, (at_lower(claims) - at_higher(claims)).clamp_min(0));
  const auto intercept = at_higher(hits) - slope * at_higher(claims);
  const auto both = at_lower(claims).gt(0).logical_and(at_higher(claims).gt(0));
  const auto ratio = at::where(both, quotient(at_lower(claims), at_higher(claims)), 1.0);
  const auto positives = at_higher(hits + count(kFalseNegatives)).clamp_min(0);
  return quotient(slope * (more_hits + intercept * ratio.log()), positives).sum(0);
}

at::Tensor AUC::riemann_sum() const {
  at::Tensor x;
  at::Tensor y;
  switch (options().curve) {
    case AUCCurve::kROC:
      x = quotient(count(kFalsePositives), count(kFalsePositives) + count(kTrueNegatives));
      y = recall();
      break;
    case AUCCurve::kPR:
      x = recall();
      y = precision();
      break;
    case AUCCurve::kPRGain: {
      const auto& hits = count(kTruePositives);
      const auto none = hits.eq(0);
      const auto odds =
          quotient(hits + count(kFalseNegatives), count(kTrueNegatives) + count(kFalsePositives));
      x = (1 - odds * quotient(count(kFalseNegatives), hits)).clamp_min(0).masked_fill(none, 0);
      y = (1 - odds * quotient(count(kFalsePositives), hits)).masked_fill(none, 1);
      break;
    }
  }
  const auto low = at::minimum(at_lower(y), at_higher(y));
  const auto high = at::maximum(at_lower(y), at_higher(y));
  at::Tensor heights;
  switch (options().summation_method) {
    case AUCSummationMethod::kInterpolation:
      heights = (low + high) / 2;
      break;
    case AUCSummationMethod::kMinoring:
      heights = low;
      break;
    case AUCSummationMethod::kMajoring:
      heights = high;
      break;
  }
  return ((at_lower(x) - at_higher(x)) * heights).sum(0);
}

void register_auc(MetricRegistry& registry) { registry.add<AUC>(); }

}  // namespace assay::metrics
