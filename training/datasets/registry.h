// SPDX-License-Identifier: Apache-2.0
// Datasets by name and from JSON.
#pragma once
#include <assay/core/options/json.h>
#include <assay/registry/registry.h>
#include <assay/training/data/dataset.h>

#include <filesystem>
#include <memory>
#include <string>

/// Datasets that are made from JSON.
namespace assay::training::datasets {

/// The registry of datasets.
using DatasetRegistry = Registry<Dataset>;

/// All known datasets: assay's own (CSV, NPY, NPZ, IDX), and what plugins and the program added.
///
///     struct Spirals : training::TensorDataset {
///       using Options = SpiralsOptions;                  // with a field list,
///       core/options/fields.h explicit Spirals(Options options);
///     };
///     datasets::registry().add<Spirals>();               // registry/registry-inl.h
DatasetRegistry& registry();

///@{
/// A dataset from JSON or JSON text: {"class_name": "csv", "config": {"path": "digits.csv"}}.
/// Relative paths in it are relative to `folder`, or to the working directory without one.
/// Errors: ValueError that names the JSON path and the nearest known name, or the file, line and
/// column at fault.
std::shared_ptr<Dataset> get(const std::string& name_or_json,
                             const std::filesystem::path& folder = {});
std::shared_ptr<Dataset> get(const char* name_or_json, const std::filesystem::path& folder = {});
std::shared_ptr<Dataset> get(const Json& identifier, const std::filesystem::path& folder = {});
std::shared_ptr<Dataset> get(const nlohmann::json& identifier,
                             const std::filesystem::path& folder = {});
///@}

}  // namespace assay::training::datasets

namespace assay {
namespace datasets = training::datasets;
}
