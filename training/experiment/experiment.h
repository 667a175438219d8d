// SPDX-License-Identifier: Apache-2.0
// The experiment file: one JSON object that says what is trained, on what, and how.
#pragma once
#include <assay/core/options/json.h>
#include <assay/training/experiment/options.h>

#include <filesystem>
#include <string>
#include <vector>

namespace assay::training {

/// An experiment file that was read.
///
///     {
///       "data": {"dataset": {"class_name": "CSV", "config": {"path": "digits.csv", "label": -1}},
///                "split": {"validation": 0.1, "test": 0.2}, "standardize": true},
///       "model": [{"class_name": "Linear", "config": {"out_features": 64}}, "ReLU", ...],
///       "optimizer": "adam",
///       "loss": "sparse_categorical_crossentropy",
///       "metrics": ["accuracy"],
///       "fit": {"epochs": 20}
///     }
///
/// Relative paths in it start at its folder.
struct Experiment {
  std::filesystem::path file;  ///< Where it was read from.
  ExperimentOptions options;   ///< What it says.
  Json json;                   ///< As it was read, with what was set on top.

  /// Where its relative paths start.
  std::filesystem::path folder() const { return file.parent_path(); }
  /// The experiment's name, or that of its file.
  std::string name() const;
  /// Where results go: the option, or runs/<name> in the current folder.
  std::filesystem::path output() const;
};

/// Reads an experiment. Each of `changes` is a "path=value" such as "fit.epochs=3",
/// "optimizer.config.learning_rate=0.01" or "model.0.config.out_features=32"; the value is JSON, or
/// text. A part that is a bare name takes options this way too.
/// Errors: ValueError that names the file, and the JSON path with the nearest known name.
Experiment load_experiment(const std::filesystem::path& file,
                           const std::vector<std::string>& changes = {});

/// Applies "path=value". Errors: ValueError that names the path.
void set_in(Json& json, const std::string& change);

/// The JSON Schema of experiment files, with all that is registered.
Json experiment_schema();

/// Where two experiments differ in what a checkpoint depends on: data (not where they are kept),
/// model, optimizer, losses, metrics, seed and the order of batches. "" where they agree, else the
/// place and the two values.
std::string resume_conflict(const Json& before, const Json& now);

}  // namespace assay::training
