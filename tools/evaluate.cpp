// SPDX-License-Identifier: Apache-2.0
#include <assay/training/experiment/run.h>
#include <assay/training/progress.h>
#include <assay/training/scores_file.h>

#include <bit>
#include <cstdint>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "command.h"
#include "experiment_arguments.h"
#include "usage_error.h"

namespace assay::tools {
namespace {

struct EvaluateArguments {
  ExperimentArguments experiment;
  std::string part;
  bool json = false;
};

std::string default_part(const training::ExperimentData& data) {
  return data.test ? "test" : data.validation ? "validation" : "train";
}

// The metrics that training saved, made from their file: they must give the same values again.
void say_restored(const training::RunFiles& files, const training::Logs& logs) {
  if (!std::filesystem::exists(files.metrics())) return;
  const auto restored = training::restored_scores(files.metrics());
  std::cout << "restored from " << files.metrics().string() << ": "
            << training::shown_logs(restored);
  const bool same =
      restored.names() == logs.names() &&
      std::equal(logs.begin(), logs.end(), restored.begin(), [](const auto& a, const auto& b) {
        return std::bit_cast<std::uint64_t>(a.second) == std::bit_cast<std::uint64_t>(b.second);
      });
  std::cout << (same ? " (equal to the last bit)\n" : " (saved by another evaluation)\n");
}

int evaluate(const EvaluateArguments& arguments) {
  auto run = configured([&] {
    auto made = std::make_unique<training::ExperimentRun>(
        training::ExperimentRun::trained(arguments.experiment.load()));
    made->data().part(arguments.part.empty() ? default_part(made->data()) : arguments.part);
    return made;
  });
  const auto part = arguments.part.empty() ? default_part(run->data()) : arguments.part;
  const auto result = run->evaluate(part, training::Verbosity::kSilent);
  if (arguments.json) {
    std::cout << Json{{part, training::to_json(result.logs)}}.dump(2) << '\n';
    return kDone;
  }
  std::cout << part << ": " << training::shown_logs(result.logs) << '\n';
  if (part == default_part(run->data())) say_restored(run->files(), result.logs);
  return kDone;
}

}  // namespace

void add_evaluate(CLI::App& program, Action& action) {
  auto* command =
      program.add_subcommand("evaluate", "Loss and metrics of a model that `assay train` made");
  auto arguments = std::make_shared<EvaluateArguments>();
  arguments->experiment.add_to(*command);
  command
      ->add_option("--part", arguments->part,
                   "Which data: test where there is any, else validation")
      ->check(CLI::IsMember({"train", "validation", "test"}));
  command->add_flag("--json", arguments->json, "Writes JSON, with all digits");
  command->callback(
      [arguments, &action] { action = [arguments] { return evaluate(*arguments); }; });
}

}  // namespace assay::tools
