// SPDX-License-Identifier: Apache-2.0
// The arguments that commands on experiments share.
#pragma once
#include <assay/training/experiment/experiment.h>

#include <CLI/App.hpp>
#include <optional>
#include <string>
#include <vector>

namespace assay::tools {

struct ExperimentArguments {
  std::string file;
  std::vector<std::string> changes;
  std::string output;

  /// FILE, --set and --output.
  void add_to(CLI::App& command);

  /// The experiment as it is to run. Errors: UsageError.
  training::Experiment load() const;
};

}  // namespace assay::tools
