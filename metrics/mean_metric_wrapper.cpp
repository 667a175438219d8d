// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/config.h>
#include <assay/core/options/names.h>
#include <assay/losses/registry.h>
#include <assay/metrics/mean_metric_wrapper.h>
#include <assay/metrics/registry.h>
#include <assay/registry/identifier.h>

namespace assay::metrics {
namespace {

struct MeanMetricWrapperOptions {
  static constexpr auto class_name = "MeanMetricWrapper";
  Json fn;
  std::string name = "mean_metric_wrapper";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = MeanMetricWrapperOptions;
    return assay::fields(field("fn", &Self::fn, "The loss whose values are averaged."),
                         metric_fields<Self>());
  }
};

// Keys beyond the wrapper's own are options of the wrapped loss.
std::shared_ptr<Metric> from_config(const Json& config) {
  auto own = Json::object();
  auto forwarded = Json::object();
  for (const auto& [key, value] : config.items()) {
    const bool is_own = key == "fn" || key == "name" || key == "dtype";
    (is_own ? own : forwarded)[key] = value;
  }
  const auto options = options_from<MeanMetricWrapperOptions>(own);
  TORCH_CHECK_VALUE(!options.fn.is_null(), "MeanMetricWrapper.fn: missing; expected a loss");
  auto identifier = parse_identifier(options.fn, "MeanMetricWrapper.fn");
  identifier.config.update(forwarded);
  return std::make_shared<MeanMetricWrapper>(
      losses::from_config(identifier.name, identifier.config), options.name, options.dtype);
}

// Keras's form of a function: losses have the same names as functions, in snake case.
Json function_json(const std::string& name) {
  return {{"module", "builtins"},
          {"class_name", "function"},
          {"config", name},
          {"registered_name", "function"}};
}

// The options that the values depend on, where they are not the defaults.
Json changed_options(const losses::Loss& loss) {
  auto changed = Json::object();
  const auto own = loss.get_config();
  const auto usual = losses::from_config(loss.class_name(), Json::object())->get_config();
  for (const auto& [key, value] : own.items()) {
    const bool of_the_loss = key == "name" || key == "reduction" || key == "dtype";
    if (!of_the_loss && (!usual.contains(key) || usual[key] != value)) changed[key] = value;
  }
  return changed;
}

}  // namespace

MeanMetricWrapper::MeanMetricWrapper(ValuesFunction fn, std::string name, at::ScalarType dtype)
    : MeanOfFunction(std::move(name), dtype), fn_(std::move(fn)) {
  TORCH_CHECK_VALUE(fn_, "fn is empty; expected a function of y_true and y_pred");
}

MeanMetricWrapper::MeanMetricWrapper(std::shared_ptr<losses::Loss> fn, std::string name,
                                     at::ScalarType dtype)
    : MeanOfFunction(std::move(name), dtype), loss_(std::move(fn)) {
  TORCH_CHECK_VALUE(loss_, "fn is null; expected a loss");
}

losses::LossValues MeanMetricWrapper::values(const at::Tensor& y_true,
                                             const at::Tensor& y_pred) const {
  return loss_ ? loss_->call(y_true, y_pred) : fn_(y_true, y_pred);
}

Json MeanMetricWrapper::get_config() const {
  MeanMetricWrapperOptions options{.name = name(), .dtype = dtype()};
  options.fn = function_json(loss_ ? snake_case(loss_->class_name()) : name());
  auto config = fields_of<MeanMetricWrapperOptions>().to_config(&options);
  if (loss_) config.update(changed_options(*loss_));
  return config;
}

std::shared_ptr<Metric> MeanMetricWrapper::fresh() const {
  if (loss_) return std::make_shared<MeanMetricWrapper>(loss_, name(), dtype());
  return std::make_shared<MeanMetricWrapper>(fn_, name(), dtype());
}

void register_mean_metric_wrapper(MetricRegistry& registry) {
  registry.add_entry(
      {.class_name = "MeanMetricWrapper",
       .aliases = {"mean_metric_wrapper"},
       .fields = &fields_of<MeanMetricWrapperOptions>(),
       .make = [](const Json& config) -> std::shared_ptr<void> { return from_config(config); }});
}

}  // namespace assay::metrics
