// SPDX-License-Identifier: Apache-2.0
// The data that an experiment names.
#pragma once
#include <assay/training/data/dataset.h>
#include <assay/training/data/standardize.h>
#include <assay/training/experiment/experiment.h>

#include <memory>
#include <optional>
#include <string>

namespace assay::training {

/// Training, validation and test samples, standardized where the experiment says so.
struct ExperimentData {
  std::shared_ptr<const Dataset> train;       ///< Never null.
  std::shared_ptr<const Dataset> validation;  ///< Null where there is none.
  std::shared_ptr<const Dataset> test;        ///< Null where there is none.
  std::optional<Standardizer> standardizer;   ///< Nothing: features are as the files have them.

  /// "train", "validation" or "test". Errors: ValueError where there is no such part.
  const std::shared_ptr<const Dataset>& part(const std::string& name) const;
};

/// Reads and divides the data. `standardizer` is used in place of one by the training samples.
/// Errors: ValueError that names the place in the experiment.
ExperimentData load_data(const Experiment& experiment,
                         std::optional<Standardizer> standardizer = std::nullopt);

}  // namespace assay::training
