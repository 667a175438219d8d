// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/experiment/run.h>
#include <assay/training/progress.h>
#include <assay/training/report/operating_point.h>
#include <assay/training/scores_file.h>

#include <bit>
#include <cstdint>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "command.h"
#include "experiment_arguments.h"
#include "processes.h"
#include "usage_error.h"

namespace assay::tools {
namespace {

struct EvaluateArguments {
  ExperimentArguments experiment;
  ProcessArguments processes;
  std::string part;
  std::optional<double> recall;
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

// Chosen on the rows that training validated on, so that those evaluated have no say in it.
training::report::OperatingPoint chosen_point(training::ExperimentRun& run, const std::string& part,
                                              double recall) {
  const auto scores_of = [&](const std::string& name) {
    std::vector<at::Tensor> y_true;
    std::vector<at::Tensor> y_pred;
    run.trainer().predict_batches(training::Data(run.data().part(name)),
                                  [&](const training::Batch& batch, const at::Tensor& scores) {
                                    if (batch.y.defined()) y_true.push_back(batch.y);
                                    y_pred.push_back(scores);
                                  });
    return std::pair{y_true.empty() ? at::Tensor() : at::cat(y_true), at::cat(y_pred)};
  };
  const auto [y_true, y_pred] = scores_of("validation");
  const auto chosen = training::report::point_of_recall(y_true, y_pred, recall);
  const auto [part_true, part_pred] = scores_of(part);
  return training::report::point_at(part_true, part_pred, chosen.threshold);
}

Json point_json(const training::report::OperatingPoint& point) {
  return {{"threshold", point.threshold},
          {"recall", point.recall},
          {"precision", point.precision},
          {"found", point.found}};
}

int evaluate(const EvaluateArguments& arguments, const std::shared_ptr<distributed::Group>& group) {
  auto run = configured([&] {
    auto made = std::make_unique<training::ExperimentRun>(
        training::ExperimentRun::trained(arguments.experiment.load(), group));
    made->data().part(arguments.part.empty() ? default_part(made->data()) : arguments.part);
    return made;
  });
  const auto part = arguments.part.empty() ? default_part(run->data()) : arguments.part;
  const auto result = run->evaluate(part, training::Verbosity::kSilent);
  std::optional<training::report::OperatingPoint> point;
  if (arguments.recall) {
    point = configured([&] { return chosen_point(*run, part, *arguments.recall); });
  }
  if (arguments.json) {
    Json json = {{part, training::to_json(result.logs)}};
    if (point) json["threshold_for_recall"] = point_json(*point);
    std::cout << json.dump(2) << '\n';
    return kDone;
  }
  std::cout << part << ": " << training::shown_logs(result.logs) << '\n';
  if (point) {
    std::cout << "threshold " << point->threshold << ", for a recall of " << *arguments.recall
              << " on the validation rows: on the " << part << " rows recall " << point->recall
              << ", precision " << point->precision << ", " << point->found << " rows found\n";
  }
  if (part == default_part(run->data())) say_restored(run->files(), result.logs);
  return kDone;
}

}  // namespace

void add_evaluate(CLI::App& program, Action& action) {
  auto* command =
      program.add_subcommand("evaluate", "Loss and metrics of a model that `assay train` made");
  auto arguments = std::make_shared<EvaluateArguments>();
  arguments->experiment.add_to(*command);
  arguments->processes.add_to(*command);
  command
      ->add_option("--part", arguments->part,
                   "Which data: test where there is any, else validation")
      ->check(CLI::IsMember({"train", "validation", "test"}));
  command
      ->add_option("--recall", arguments->recall,
                   "Chooses the threshold that finds this share of the validation rows labelled 1")
      ->type_name("SHARE");
  command->add_flag("--json", arguments->json, "Writes JSON, with all digits");
  command->callback([arguments, &action] {
    action = [arguments] {
      return arguments->processes.run(
          [&](const auto& group) { return evaluate(*arguments, group); });
    };
  });
}

}  // namespace assay::tools
