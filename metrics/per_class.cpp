// SPDX-License-Identifier: Apache-2.0
#include <assay/core/labels.h>
#include <assay/core/shapes.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/per_class.h>

namespace assay::metrics {
namespace {

/// One batch as the metric of a class sees it.
struct Batch {
  at::Tensor y_true;
  at::Tensor y_pred;
  at::Tensor sample_weight;
};

PerClassOptions with_classes(PerClassOptions options) {
  if (options.class_names) {
    const auto named = static_cast<std::int64_t>(options.class_names->size());
    if (options.num_classes == 0) options.num_classes = named;
    TORCH_CHECK_VALUE(options.num_classes == named, "PerClass.class_names: expected ",
                      options.num_classes, " names, got ", named);
  }
  TORCH_CHECK_VALUE(options.num_classes >= 1,
                    "PerClass.num_classes: must be an integer of at least 1, got ",
                    options.num_classes);
  return named_after_metric(std::move(options), "per_class_");
}

/// Batches of scores and labels of the class against the rest.
class OneVsRest {
 public:
  OneVsRest(const Batch& batch, std::int64_t classes) : batch_(batch) {
    const auto& [y_true, y_pred, sample_weight] = batch;
    TORCH_CHECK_VALUE(y_pred.dim() > 0 && y_pred.size(-1) == classes, "y_pred has shape ",
                      describe(y_pred.sizes()), "; expected ", classes,
                      " classes on the last axis");
    if (y_true.sizes() != y_pred.sizes()) {
      labels_ = sparse_labels(y_true, y_pred, -1);
      check_label_range(labels_, classes, std::nullopt);
    }
    weight_has_classes_ = sample_weight.defined() && sample_weight.sizes() == y_pred.sizes();
  }

  Batch of(std::int64_t c) const {
    const auto entry = [&](const at::Tensor& tensor) { return tensor.narrow(-1, c, 1); };
    return {labels_.defined() ? labels_.eq(c).to(at::kLong).unsqueeze(-1) : entry(batch_.y_true),
            entry(batch_.y_pred),
            weight_has_classes_ ? entry(batch_.sample_weight) : batch_.sample_weight};
  }

 private:
  const Batch& batch_;
  at::Tensor labels_;
  bool weight_has_classes_ = false;
};

/// Batches as they are, weighted by whether the label is the class.
class ByLabel {
 public:
  ByLabel(const Batch& batch, std::int64_t classes) : batch_(batch), labels_(batch.y_true) {
    const auto& [y_true, y_pred, sample_weight] = batch;
    if (y_true.dim() > 1 && y_true.sizes() == y_pred.sizes() && y_true.size(-1) == classes) {
      labels_ = y_true.argmax(-1);
    } else if (labels_.dim() > 1 && labels_.size(-1) == 1) {
      labels_ = labels_.squeeze(-1);
    }
    check_label_range(labels_, classes, std::nullopt);
    if (sample_weight.defined()) {
      const auto values = at::empty({}, labels_.options().dtype(at::kDouble));
      weight_ = align_sample_weight(sample_weight, values.expand(labels_.sizes()));
    }
  }

  Batch of(std::int64_t c) const {
    const auto is_class = labels_.eq(c);
    return {batch_.y_true, batch_.y_pred,
            weight_.defined() ? at::where(is_class, weight_, 0.0) : is_class.to(at::kDouble)};
  }

 private:
  const Batch& batch_;
  at::Tensor labels_;
  at::Tensor weight_;
};

const std::vector<std::pair<std::string, PerClassMode>>& modes() {
  static const std::vector<std::pair<std::string, PerClassMode>> names = {
      {"one_vs_rest", PerClassMode::kOneVsRest}, {"by_label", PerClassMode::kByLabel}};
  return names;
}

}  // namespace

Json write_value(PerClassMode value) {
  return value == PerClassMode::kOneVsRest ? modes()[0].first : modes()[1].first;
}

void read_value(const Json& in, PerClassMode& value, const std::string& path) {
  for (const auto& [name, mode] : modes()) {
    if (in == name) {
      value = mode;
      return;
    }
  }
  wrong_value(in, path, "one_vs_rest or by_label");
}

Json value_schema(const PerClassMode*) { return {{"enum", {modes()[0].first, modes()[1].first}}}; }

PerClass::PerClass(PerClassOptions options) : MetricOf(with_classes(std::move(options))) {
  wrap(*this->options().metric, this->options().num_classes);
}

void PerClass::update(const at::Tensor& y_true, const at::Tensor& y_pred,
                      const at::Tensor& sample_weight) {
  TORCH_CHECK_VALUE(y_pred.defined(), "y_pred is missing: ", name(),
                    " compares labels with predictions");
  const Batch batch{y_true, y_pred, sample_weight};
  States states;
  const auto update_each = [&](const auto& view) {
    for (std::int64_t c = 0; c < copies(); ++c) {
      const auto seen = view.of(c);
      auto& metric = copy(c);
      metric.update_state(seen.y_true, seen.y_pred, seen.sample_weight);
      states.push_back(metric.variables());
    }
  };
  if (options().mode == PerClassMode::kOneVsRest) {
    update_each(OneVsRest(batch, copies()));
  } else {
    update_each(ByLabel(batch, copies()));
  }
  replace(states);
}

std::vector<std::pair<std::string, at::Tensor>> PerClass::results() const {
  const auto values = result();
  std::vector<std::pair<std::string, at::Tensor>> named;
  for (std::int64_t c = 0; c < copies(); ++c) {
    const auto& names = options().class_names;
    named.emplace_back(name() + "_" + (names ? (*names)[c] : std::to_string(c)), values[c]);
  }
  return named;
}

void register_per_class(MetricRegistry& registry) { registry.add<PerClass>(); }

}  // namespace assay::metrics
