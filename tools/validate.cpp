// SPDX-License-Identifier: Apache-2.0
#include <assay/training/experiment/run.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "command.h"
#include "experiment_arguments.h"
#include "usage_error.h"

namespace assay::tools {
namespace {

int validate(const ExperimentArguments& arguments) {
  configured([&] {
    training::ExperimentRun run(arguments.load());
    // Shapes that do not fit show in a step, not before.
    const auto batch = run.data().train->rows({0});
    run.trainer().test_on_batch(batch.x, batch.y, batch.sample_weight);
  });
  std::cout << arguments.file << " is fine\n";
  return kDone;
}

int schema() {
  std::cout << training::experiment_schema().dump(2) << '\n';
  return kDone;
}

}  // namespace

void add_validate(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand(
      "validate", "Reads an experiment file and its data, makes every part, and runs one row");
  auto arguments = std::make_shared<ExperimentArguments>();
  arguments->add_to(*command);
  command->callback(
      [arguments, &action] { action = [arguments] { return validate(*arguments); }; });
}

void add_schema(CLI::App& program, Action& action) {
  auto* command =
      program.add_subcommand("schema", "The JSON Schema of experiment files, for editors");
  command->callback([&action] { action = schema; });
}

}  // namespace assay::tools
