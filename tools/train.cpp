// SPDX-License-Identifier: Apache-2.0
#include <assay/training/experiment/run.h>
#include <assay/training/progress.h>

#include <iostream>
#include <memory>

#include "command.h"
#include "experiment_arguments.h"
#include "interruption.h"
#include "processes.h"
#include "usage_error.h"

namespace assay::tools {
namespace {

using training::ExperimentRun;
using training::Resume;

struct TrainArguments {
  ExperimentArguments experiment;
  ProcessArguments processes;
  std::optional<std::int64_t> seed;
  std::optional<std::int64_t> epochs;
  std::string device;
  bool must_resume = false;
  bool never_resume = false;
  bool dry_run = false;
  bool quiet = false;
};

void say_plan(ExperimentRun& run) {
  const auto& data = run.data();
  std::cout << run.experiment().name() << ": " << data.train->size() << " rows to train on";
  if (data.validation) std::cout << ", " << data.validation->size() << " to validate on";
  if (data.test) std::cout << ", " << data.test->size() << " to test on";
  std::int64_t parameters = 0;
  for (const auto& parameter : run.trainer().model().module().parameters()) {
    parameters += parameter.numel();
  }
  std::cout << "; " << parameters << " parameters\n" << std::flush;
}

void say_start(const ExperimentRun& run, Resume resume) {
  const auto position = resume == Resume::kNever ? std::nullopt : run.checkpoint_position();
  if (!position) return;
  const auto& options = run.experiment().options;
  if (position->epoch >= options.fit.epochs || (position->stopped && position->batch == 0)) {
    std::cout << "Trained already, for " << position->epoch
              << " epochs; --no-resume trains afresh, --epochs goes on\n";
  } else {
    std::cout << "Going on from " << run.files().checkpoint().string() << ": epoch "
              << position->epoch + 1 << ", batch " << position->batch + 1 << '\n';
  }
  std::cout << std::flush;
}

// The command that goes on: as it was given, without --no-resume.
std::string command_to_go_on(const TrainArguments& arguments) {
  std::string command = "assay train " + arguments.experiment.file;
  for (const auto& change : arguments.experiment.changes) command += " --set '" + change + "'";
  if (!arguments.experiment.output.empty()) command += " --output " + arguments.experiment.output;
  if (arguments.seed) command += " --seed " + std::to_string(*arguments.seed);
  if (arguments.epochs) command += " --epochs " + std::to_string(*arguments.epochs);
  if (!arguments.device.empty()) command += " --device " + arguments.device;
  if (arguments.processes.count) {
    command += " --nproc " + std::to_string(*arguments.processes.count);
  }
  return command;
}

int interrupted(ExperimentRun& run, const TrainArguments& arguments) {
  if (!run.trainer().is_first_process()) return kInterrupted;
  const auto& position = run.trainer().position();
  std::cerr << "Interrupted in epoch " << position.epoch + 1 << " after batch " << position.batch
            << "; saved " << run.files().checkpoint().string() << ".\n"
            << "To go on there: " << command_to_go_on(arguments) << '\n';
  return kInterrupted;
}

void say_results(ExperimentRun& run, const training::PartResult& result) {
  std::cout << result.part << ": " << training::shown_logs(result.logs) << '\n'
            << "Results are in " << run.files().folder.string()
            << ": report.html, model.safetensors, checkpoint.safetensors, metrics.safetensors, "
               "history.json, results.json\n";
}

int dry_run(ExperimentRun& run, bool quiet) {
  const auto batch = run.data().train->rows({0});
  // One step on one row, of a trainer that is thrown away: nothing is written.
  const auto logs = run.trainer().train_on_batch(batch.x, batch.y, batch.sample_weight);
  if (!quiet) {
    say_plan(run);
    std::cout << run.trainer().summary()
              << "\nOne step on the first row: " << training::shown_logs(logs)
              << "\nNothing was written.\n";
  }
  return kDone;
}

int train(const TrainArguments& arguments, const std::shared_ptr<distributed::Group>& group) {
  auto file = arguments.experiment;
  if (arguments.seed) file.changes.push_back("seed=" + std::to_string(*arguments.seed));
  if (arguments.epochs) file.changes.push_back("fit.epochs=" + std::to_string(*arguments.epochs));
  if (!arguments.device.empty()) {
    file.changes.push_back("device=\"" + arguments.device + "\"");
  }
  auto run = configured([&] { return std::make_unique<ExperimentRun>(file.load(), group); });
  if (arguments.dry_run) return dry_run(*run, arguments.quiet);
  const auto resume = arguments.must_resume    ? Resume::kMust
                      : arguments.never_resume ? Resume::kNever
                                               : Resume::kAuto;
  if (!arguments.quiet) {
    say_plan(*run);
    say_start(*run, resume);
  }
  {
    const Interruption interruption(run->trainer());
    run->fit(resume, arguments.quiet ? training::Verbosity::kSilent : training::Verbosity::kAuto);
  }
  if (run->trainer().interrupted()) return interrupted(*run, arguments);
  const auto result = run->finish();
  if (!arguments.quiet) say_results(*run, result);
  return kDone;
}

}  // namespace

void add_train(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand(
      "train", "Trains what an experiment file describes, or goes on where it was cut short");
  auto arguments = std::make_shared<TrainArguments>();
  arguments->experiment.add_to(*command);
  arguments->processes.add_to(*command);
  command->add_option("--seed", arguments->seed, "In place of the experiment's");
  command->add_option("--epochs", arguments->epochs, "In place of the experiment's");
  command->add_option("--device", arguments->device, "In place of the experiment's: cpu, cuda ...");
  auto* resume = command->add_flag("--resume", arguments->must_resume,
                                   "Fails where there is no checkpoint to go on from");
  command
      ->add_flag("--no-resume", arguments->never_resume,
                 "Trains afresh; a checkpoint that is there is deleted")
      ->excludes(resume);
  command->add_flag("--dry-run", arguments->dry_run,
                    "Makes everything, does one step, and writes nothing");
  command->add_flag("-q,--quiet", arguments->quiet, "Writes nothing but errors");
  command->callback([arguments, &action] {
    action = [arguments] {
      return arguments->processes.run([&](const auto& group) { return train(*arguments, group); });
    };
  });
}

}  // namespace assay::tools
