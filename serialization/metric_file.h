// SPDX-License-Identifier: Apache-2.0
// A metric, or a collection of them, with configuration and state in one safetensors file.
#pragma once
#include <assay/metrics/collection.h>
#include <assay/metrics/metric.h>

#include <filesystem>
#include <memory>

namespace assay::serialization {

/// Writes configuration and state, atomically. Tensors are the state's variables by name; the
/// metadata key "metric" holds the configuration as `metrics::serialize` gives it.
/// Errors: c10::Error that names the path; the old file is then as it was.
void save_metric(const std::filesystem::path& path, const metrics::Metric& metric);

/// A metric as it was saved; it goes on counting where it was.
/// Errors: ValueError that names the file and what is wrong with it.
std::shared_ptr<metrics::Metric> load_metric(const std::filesystem::path& path);

/// Restores the state of a metric that is there already.
/// Errors: as `load_metric`, and where the file holds a metric of another class or configuration
/// (its name aside); the metric is then as it was.
void load_metric(const std::filesystem::path& path, metrics::Metric& metric);

/// The same for a collection. Tensors are its `named_variables`; the metadata key "collection"
/// holds its configuration.
void save_collection(const std::filesystem::path& path, const metrics::MetricCollection& metrics);

/// A collection as it was saved. Errors: as `load_metric`.
metrics::MetricCollection load_collection(const std::filesystem::path& path);

}  // namespace assay::serialization
