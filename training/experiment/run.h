// SPDX-License-Identifier: Apache-2.0
// An experiment in the making: what `assay train`, `evaluate` and `predict` do.
#pragma once
#include <assay/distributed/group.h>
#include <assay/training/experiment/data.h>
#include <assay/training/experiment/experiment.h>
#include <assay/training/trainer.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace assay::training {

/// What becomes of a checkpoint that is there.
enum class Resume {
  kAuto,   ///< Training goes on from it; without one it begins.
  kMust,   ///< Without one it is an error.
  kNever,  ///< It is deleted, and training begins.
};

/// The files of a run, in its output folder.
struct RunFiles {
  std::filesystem::path folder;  ///< The experiment's `output`.

  ///@{
  /// A file of the folder: what training goes on from, the same of the best epoch, the model's
  /// weights, the state of the metrics, the epochs, the values of the test data, what the report
  /// shows, the report, the experiment as it was run.
  std::filesystem::path checkpoint() const { return folder / "checkpoint.safetensors"; }
  std::filesystem::path best() const { return folder / "best.safetensors"; }
  std::filesystem::path model() const { return folder / "model.safetensors"; }
  std::filesystem::path metrics() const { return folder / "metrics.safetensors"; }
  std::filesystem::path history() const { return folder / "history.json"; }
  std::filesystem::path results() const { return folder / "results.json"; }
  std::filesystem::path report_data() const { return folder / "report.json"; }
  std::filesystem::path report() const { return folder / "report.html"; }
  std::filesystem::path experiment() const { return folder / "experiment.json"; }
  ///@}
};

/// Loss and metrics of one part of the data.
struct PartResult {
  std::string part;  ///< "train", "validation" or "test".
  Logs logs;         ///< As `Trainer::evaluate` gives them.
};

/// An experiment with its data, model and trainer.
///
/// Sets the seed of LibTorch's random numbers and the number of its threads, so one at a time.
class ExperimentRun {
 public:
  /// The processes that make the run.
  using GroupPointer = std::shared_ptr<distributed::Group>;

  /// Makes everything, writes nothing. Of a group with peers all processes make it and call the
  /// same; the first one writes, in a folder that all can read.
  /// Errors: ValueError that names the file and the place in it.
  explicit ExperimentRun(Experiment experiment, GroupPointer group = distributed::Group::alone());

  /// The same for a run that was trained: with its weights, and its statistics of the data.
  /// Errors: also ValueError where there is no trained model.
  static ExperimentRun trained(Experiment experiment,
                               GroupPointer group = distributed::Group::alone());

  /// Where `fit` with kAuto would go on; nothing: it would begin.
  /// Errors: ValueError where the checkpoint is damaged.
  std::optional<Position> checkpoint_position() const;

  /// Trains, or goes on; saves checkpoints, and at the end the model and the history. Where
  /// training was interrupted (Trainer::interrupt) only a checkpoint is saved. Errors: ValueError
  /// where the checkpoint is damaged, or that of another experiment.
  History fit(Resume resume, Verbosity verbose);

  /// Loss and metrics of the test data, without any of the validation data; the state of the
  /// metrics is saved, the results, and a report that a browser shows.
  PartResult finish();

  /// Loss and metrics of one part. Errors: ValueError where there is no such part.
  PartResult evaluate(const std::string& part, Verbosity verbose);

  ///@{
  /// What the run is made of; it lives as long as the run.
  Trainer& trainer() { return *trainer_; }
  const Experiment& experiment() const { return experiment_; }
  const ExperimentData& data() const { return data_; }
  const RunFiles& files() const { return files_; }
  ///@}

 private:
  ExperimentRun(Experiment experiment, GroupPointer group,
                std::optional<Standardizer> standardizer);

  void make_trainer();
  bool has_checkpoint() const;
  void use_threads(std::optional<std::int64_t> threads) const;
  void set_checkpoint_extra();
  bool begin_afresh_or_resume(Resume resume);
  void resume_from_checkpoint();
  void remove_results() const;
  FitOptions fit_options(Verbosity verbose) const;
  void write_report(const std::string& part);

  Experiment experiment_;
  GroupPointer group_;
  RunFiles files_;
  ExperimentData data_;
  std::unique_ptr<Trainer> trainer_;
};

}  // namespace assay::training
