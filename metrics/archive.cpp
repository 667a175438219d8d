// SPDX-License-Identifier: Apache-2.0
// torch::save and torch::load of a metric.
#include <assay/metrics/metric.h>
#include <assay/metrics/registry.h>
#include <assay/registry/identifier.h>
#include <torch/serialize/archive.h>

namespace assay::metrics {

torch::serialize::OutputArchive& operator<<(torch::serialize::OutputArchive& archive,
                                            const Metric& metric) {
  archive.write("metric", c10::IValue(serialize(metric).dump()));
  archive.write("variables", c10::IValue(metric.variables()));
  return archive;
}

torch::serialize::InputArchive& operator>>(torch::serialize::InputArchive& archive,
                                           Metric& metric) {
  c10::IValue config;
  c10::IValue variables;
  TORCH_CHECK_VALUE(archive.try_read("metric", config) && config.isString() &&
                        archive.try_read("variables", variables) && variables.isTensorList(),
                    "the archive holds no metric");
  const auto saved = get(parse_json(config.toStringRef(), "the archive's metric"));
  TORCH_CHECK_VALUE(metric.same_configuration(*saved), "the archive holds the metric ",
                    saved->class_name(), saved->get_config().dump(), ", expected ",
                    metric.class_name(), metric.get_config().dump());
  metric.set_state(variables.toTensorVector());
  return archive;
}

}  // namespace assay::metrics
