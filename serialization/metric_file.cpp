// SPDX-License-Identifier: Apache-2.0
#include <assay/core/error_text.h>
#include <assay/metrics/registry.h>
#include <assay/registry/identifier.h>
#include <assay/serialization/metric_file.h>
#include <assay/serialization/safetensors.h>

namespace assay::serialization {
namespace {

constexpr auto kMetric = "metric";
constexpr auto kCollection = "collection";

Json saved_config(const SafetensorsFile& file, const char* kind) {
  const auto found = file.metadata.find(kind);
  TORCH_CHECK_VALUE(found != file.metadata.end(), file.path.string(), ": holds no ", kind,
                    "; expected the metadata key '", kind, "'");
  return parse_json(found->second, file.path.string() + ": metadata." + kind);
}

// The tensors in the order of the saved list of variables.
std::vector<at::Tensor> saved_state(const SafetensorsFile& file, const Json& config) {
  TORCH_CHECK_VALUE(
      config.is_object() && config.contains("variables") && config["variables"].is_array(),
      file.path.string(), ": metadata.", kMetric, " lists no variables");
  std::vector<at::Tensor> values;
  for (const auto& name : config["variables"]) {
    TORCH_CHECK_VALUE(name.is_string(), file.path.string(), ": metadata.", kMetric,
                      ".variables: expected names");
    values.push_back(file.at(name.get<std::string>()));
  }
  return values;
}

Json without_variables(Json config) {
  config.erase("variables");
  return config;
}

}  // namespace

void save_metric(const std::filesystem::path& path, const metrics::Metric& metric) {
  auto config = metrics::serialize(metric);
  config["variables"] = Json::array();
  std::vector<NamedTensor> tensors;
  for (const auto& variable : metric.state().variables()) {
    config["variables"].push_back(variable.name);
    tensors.push_back({variable.name, variable.value});
  }
  save_safetensors(path, tensors, {{kMetric, config.dump()}});
}

std::shared_ptr<metrics::Metric> load_metric(const std::filesystem::path& path) {
  const auto file = load_safetensors(path);
  const auto config = saved_config(file, kMetric);
  const auto state = saved_state(file, config);
  return with_context(path.string(), [&] {
    auto metric = metrics::get(without_variables(config));
    metric->set_state(state);
    return metric;
  });
}

void load_metric(const std::filesystem::path& path, metrics::Metric& metric) {
  const auto file = load_safetensors(path);
  const auto config = saved_config(file, kMetric);
  const auto state = saved_state(file, config);
  with_context(path.string(), [&] {
    const auto saved = metrics::get(without_variables(config));
    TORCH_CHECK_VALUE(metric.same_configuration(*saved), "holds the metric ", saved->class_name(),
                      saved->get_config().dump(), ", expected ", metric.class_name(),
                      metric.get_config().dump());
    metric.set_state(state);
  });
}

void save_collection(const std::filesystem::path& path, const metrics::MetricCollection& metrics) {
  std::vector<NamedTensor> tensors;
  for (const auto& [name, value] : metrics.named_variables()) tensors.push_back({name, value});
  save_safetensors(path, tensors, {{kCollection, metrics.get_config().dump()}});
}

metrics::MetricCollection load_collection(const std::filesystem::path& path) {
  const auto file = load_safetensors(path);
  const auto config = saved_config(file, kCollection);
  return with_context(path.string(), [&] {
    auto metrics = metrics::MetricCollection::from_config(config);
    std::vector<metrics::MetricCollection::NamedTensor> variables(file.tensors.begin(),
                                                                  file.tensors.end());
    metrics.load_variables(variables);
    return metrics;
  });
}

}  // namespace assay::serialization
