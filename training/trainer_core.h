// SPDX-License-Identifier: Apache-2.0
// What a Trainer consists of; for the sources of training/ alone.
#pragma once
#include <assay/distributed/group.h>
#include <assay/training/callback_list.h>
#include <assay/training/data/loader.h>
#include <assay/training/trainer.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <optional>

#pragma GCC visibility push(hidden)
namespace assay::training {

/// State of callbacks out of a checkpoint, for the `fit` that goes on from it.
struct RestoredRun {
  std::vector<std::pair<std::string, callbacks::CallbackState>> callbacks;
  at::Tensor random;
  std::vector<at::Tensor> peer_randoms;

  /// Makes random numbers go on as they did in the process of this rank; a rank that was not there
  /// gets some of its own.
  void restore_random_state(std::int64_t rank) const;
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

  // With peers, each process trains on its rows of every batch. What is measured lies scattered:
  // the states of all processes, merged, are what one process would have.
  std::shared_ptr<distributed::Group> group = distributed::Group::alone();
  std::unique_ptr<distributed::GradientReducer> reducer;  // made when first needed
  bool agreed_interruption = false;
  /// Of the batch under way, all processes' together; nothing where it is not known.
  std::optional<std::int64_t> whole_rows;
  /// Whether a process may decide something at a batch's end. Callbacks at other moments wait for
  /// the epoch's.
  bool agrees_on_batches = true;

  /// Errors: ValueError before compile.
  void check_compiled(const char* what) const;
  at::Device device() const;
  Batch to_device(const Batch& batch) const;

  /// One batch through the step and into the scores.
  void train(Trainer& trainer, const Batch& batch);
  void test(const Batch& batch);

  BatchLogs batch_logs() const;

  /// The rows of each batch that are this process's.
  BatchPart part() const { return {group->rank(), group->size()}; }

  /// Whether to end after the batch under way. With peers: whether all know that they will.
  bool is_interrupted() const {
    return group->has_peers() ? agreed_interruption : interrupted.load();
  }
  /// The loss of a batch, or this process's share of it.
  BatchLoss loss(const Batch& batch, const at::Tensor& y_pred);
  /// Backward; `completes` says that an update follows, for which gradients are summed. With them
  /// travels whether a process was interrupted.
  void backward(const at::Tensor& loss, bool completes);
  /// Gives all processes the buffers of the first.
  void share_buffers();
  /// Checks that all processes start alike. Errors: ValueError that names what differs.
  void check_replicas();
  /// Finds out whether anything has to be settled at the ends of batches.
  void settle_when_to_agree();
  /// Settles among all processes whether to go on; returns how many checkpoints the first one asks
  /// for.
  std::size_t agree();
  /// The same where no callback can have asked for anything.
  void agree_on_interruption();
  /// What all processes know now.
  void agree_on_interruption(bool any);
  /// Brings what all processes have measured to the first one; the others begin at nothing.
  void gather_scores();
  /// The values over the data of all processes.
  Logs read_scores();
};

/// Saves a trainer's state. Errors: c10::Error where the file cannot be written.
/// With peers all processes call it, and the first one writes.
void save_core(TrainerCore& core, const std::filesystem::path& path);
/// Errors: ValueError that names the file; nothing is then changed.
void load_core(TrainerCore& core, const std::filesystem::path& path);

/// Runs the first `steps` batches in evaluation mode; nothing where training was interrupted.
std::optional<Logs> run_evaluation(TrainerCore& core, CallbackList& callbacks, const Data& data,
                                   const EvaluateOptions& options);

}  // namespace assay::training
#pragma GCC visibility pop
