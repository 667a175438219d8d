// SPDX-License-Identifier: Apache-2.0
// Metrics by name and from JSON.
#pragma once
#include <assay/core/options/json.h>
#include <assay/metrics/metric.h>
#include <assay/registry/registry.h>

#include <memory>
#include <string>
#include <string_view>

namespace assay::metrics {

/// The registry of metrics.
using MetricRegistry = Registry<Metric>;

/// All known metrics: assay's own, and what plugins and the program added.
MetricRegistry& registry();

///@{
/// A metric from a class name, a Keras alias or JSON text; or from JSON, in Keras's shape or short.
/// The name may be the path of a TorchScript file, "mine.pt" (script_metric.h).
/// Errors: ValueError that names the JSON path and the nearest known name.
/// Source: keras.metrics.get.
std::shared_ptr<Metric> get(const std::string& name_or_json);
std::shared_ptr<Metric> get(const char* name_or_json);
std::shared_ptr<Metric> get(const Json& identifier);
std::shared_ptr<Metric> get(const nlohmann::json& identifier);
///@}

/// A metric of the class from its options alone. Source: Metric.from_config.
std::shared_ptr<Metric> from_config(std::string_view class_name, const Json& config);

/// {"module", "class_name", "config", "registered_name"}. Source: keras.metrics.serialize.
Json serialize(const Metric& metric);

}  // namespace assay::metrics
