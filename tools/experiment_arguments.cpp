// SPDX-License-Identifier: Apache-2.0
#include "experiment_arguments.h"

#include "usage_error.h"

namespace assay::tools {

void ExperimentArguments::add_to(CLI::App& command) {
  command.add_option("file", file, "The experiment file")->required();
  command
      .add_option("--set", changes,
                  "Changes one value: --set fit.epochs=3 --set loss.config.delta=2")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  command.add_option("-o,--output", output, "The folder of results, in place of the experiment's")
      ->type_name("DIR");
}

training::Experiment ExperimentArguments::load() const {
  return configured([&] {
    auto experiment = training::load_experiment(file, changes);
    // Unlike a path in the file, one on the command line starts at the current folder.
    if (!output.empty()) experiment.options.output = std::filesystem::absolute(output);
    return experiment;
  });
}

}  // namespace assay::tools
