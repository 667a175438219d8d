// SPDX-License-Identifier: Apache-2.0
// What a Trainer consists of; for the sources of training/ alone.
#pragma once
#include <assay/training/callback_list.h>
#include <assay/training/trainer.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <optional>

namespace assay::training {

/// State of callbacks out of a checkpoint, for the `fit` that goes on from it.
struct RestoredRun {
  std::vector<std::pair<std::string, callbacks::CallbackState>> callbacks;
  at::Tensor random;
};

/// A checkpoint that a callback asked for, and what to do once it is there.
struct RequestedCheckpoint {
  std::filesystem::path path;
  std::function<void()> saved;
};

struct TrainerCore {
  explicit TrainerCore(Model model) : model(std::move(model)) {}

  Model model;
  std::shared_ptr<optimizers::Optimizer> optimizer_config;
  std::unique_ptr<torch::optim::Optimizer> optimizer;
  std::optional<Scores> scores;
  Trainer::TrainStep step;

  Position position;
  History history;
  CallbackList callbacks;  // those of the last fit
  bool fitting = false;
  std::atomic<bool> interrupted = false;
  std::vector<RequestedCheckpoint> requested_checkpoints;
  std::optional<RestoredRun> restored;

  std::vector<serialization::NamedTensor> extra_tensors;
  Json extra_values;

  /// Errors: ValueError before compile.
  void check_compiled(const char* what) const;
  at::Device device() const;
  Batch to_device(const Batch& batch) const;

  /// One batch through the step and into the scores.
  void train(Trainer& trainer, const Batch& batch);
  void test(const Batch& batch);

  BatchLogs batch_logs() const;
};

/// Saves a trainer's state. Errors: c10::Error where the file cannot be written.
void save_core(const TrainerCore& core, const std::filesystem::path& path);
/// Errors: ValueError that names the file; nothing is then changed.
void load_core(TrainerCore& core, const std::filesystem::path& path);

/// Runs the first `steps` batches in evaluation mode; nothing where training was interrupted.
std::optional<Logs> run_evaluation(TrainerCore& core, CallbackList& callbacks, const Data& data,
                                   const EvaluateOptions& options);

}  // namespace assay::training
