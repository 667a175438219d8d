// SPDX-License-Identifier: Apache-2.0
// compile, fit, evaluate, predict: the training of a torch::nn module in Keras's words.
#pragma once
#include <assay/training/compile_options.h>
#include <assay/training/fit_options.h>
#include <assay/training/history.h>
#include <assay/training/logs.h>
#include <assay/training/model.h>
#include <assay/training/scores.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace assay {

namespace distributed {
class Group;
}

/// What the Trainer takes and gives: data, options, values, checkpoints, experiments.
namespace training {

struct TrainerCore;

/// What one step of training gives back to be measured.
struct StepOutput {
  at::Tensor y_pred;  ///< The predictions, for the metrics.
  BatchLoss loss;     ///< What was minimised, for the reported loss.
};

/// How far a training has come.
struct Position {
  std::int64_t epoch = 0;    ///< The epoch under way.
  std::int64_t batch = 0;    ///< Batches of it that are done.
  std::int64_t updates = 0;  ///< Updates that the optimizer has made.
  std::int64_t batches = 0;  ///< Batches that the optimizer has seen.
  std::uint64_t seed = 0;    ///< Decides the order of batches.
  bool stopped = false;      ///< Whether a callback has ended training after this epoch.
};

}  // namespace training

/// Trains a torch::nn module.
///
///     Trainer trainer(net);                 // shares the module; forward takes and gives a tensor
///     trainer.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy",
///                      .metrics = {"accuracy"}});
///     auto history = trainer.fit(train, {.epochs = 10, .validation = validation});
///     auto logs = trainer.evaluate(test);   // logs.at("accuracy")
///     auto y = trainer.predict(x);
///
/// Batches are moved to the device of the model's first parameter. Reported losses are means over
/// rows, reported metrics are over the epoch so far; both are read from the device once a report.
/// Wrong arguments throw ValueError (c10::ValueError) before anything is changed.
/// One trainer is not to be used from two threads at once, `interrupt` aside.
/// Source: keras.Model, keras.Trainer.
class Trainer {
 public:
  /// What happens to one batch.
  using TrainStep = std::function<training::StepOutput(Trainer&, const training::Batch&)>;
  /// What is to be done with a batch and its predictions.
  using UsePredictions = std::function<void(const training::Batch&, const at::Tensor& y_pred)>;

  /// `compile` comes next; `predict` does without.
  explicit Trainer(training::Model model);
  ~Trainer();
  ///@{
  /// Not while it runs; what was moved from is not to be used.
  Trainer(Trainer&&) noexcept;
  Trainer& operator=(Trainer&&) noexcept;
  ///@}

  /// Sets optimizer, losses and metrics; the optimizer starts afresh. See training::Scores for what
  /// "accuracy" and "crossentropy" become. Errors: ValueError.
  void compile(const training::CompileOptions& options);

  /// Trains, or goes on where a checkpoint that was loaded stopped.
  training::History fit(const training::Data& data, const training::FitOptions& options = {});

  /// loss and metrics over a dataset, in evaluation mode.
  training::Logs evaluate(const training::Data& data,
                          const training::EvaluateOptions& options = {});

  ///@{
  /// The predictions for all rows, in their order, in evaluation mode.
  at::Tensor predict(const at::Tensor& x, const training::PredictOptions& options = {});
  at::Tensor predict(const training::Data& data, const training::PredictOptions& options = {});
  ///@}
  /// The same batch by batch, for more predictions than memory is to hold: each batch and its
  /// predictions, which are on the model's device, go to `use`, in order.
  void predict_batches(const training::Data& data, const UsePredictions& use,
                       const training::PredictOptions& options = {});

  /// One update; values are over all batches since the last `reset_metrics`.
  training::Logs train_on_batch(const at::Tensor& x, const at::Tensor& y,
                                const at::Tensor& sample_weight = {});
  /// Measures a batch in evaluation mode; values are over all batches since the last
  /// `reset_metrics`.
  training::Logs test_on_batch(const at::Tensor& x, const at::Tensor& y,
                               const at::Tensor& sample_weight = {});
  /// Begins the values of losses and metrics anew.
  void reset_metrics();

  /// Replaces what happens to a batch in `fit` and `train_on_batch`. A step may use `model`,
  /// `compute_loss` and `minimize`; this is the one that is replaced:
  ///
  ///     [](Trainer& trainer, const Batch& batch) -> StepOutput {
  ///       auto y_pred = trainer.model()(batch.x);
  ///       auto loss = trainer.compute_loss(batch, y_pred);
  ///       trainer.minimize(loss.total);
  ///       return {y_pred, loss};
  ///     }
  void set_train_step(TrainStep step);
  /// The compiled losses of a batch. Errors: ValueError where it has no labels.
  training::BatchLoss compute_loss(const training::Batch& batch, const at::Tensor& y_pred);
  /// Backward, and an update (or, with the optimizer's `gradient_accumulation_steps`, one every so
  /// many calls).
  void minimize(const at::Tensor& loss);

  /// Trains and evaluates together with the other processes of a group, which call the same in the
  /// same order. Each takes its rows of every batch, so `batch_size` is that of all together;
  /// gradients are summed, and everything is as one process would have it, but for rounding, batch
  /// normalisation (over a process's own rows) and dropout. Parameters must be alike in all.
  /// Values of BatchLogs, train_on_batch and test_on_batch are of this process's data; those of
  /// epochs and evaluations of all. Callbacks run in every process, those that write files in the
  /// first alone, which also writes the checkpoints. An interruption ends all after the batch whose
  /// gradients tell of it. A replaced step is called where this process has no
  /// rows of a batch, too; one that makes a loss of its own gives `minimize` its share: shares are
  /// added up. `predict` divides nothing.
  void distribute(std::shared_ptr<distributed::Group> group);
  /// Whether it is the first process of its group, or the only one.
  bool is_first_process() const;

  /// Layers, their parameters and their number, as a table.
  std::string summary() const;

  /// The model; predictions made with it record gradients.
  training::Model& model();
  /// LibTorch's optimizer, made by `compile`. Errors: ValueError before that.
  torch::optim::Optimizer& optimizer();
  /// Losses and metrics, made by `compile`. Errors: ValueError before that.
  training::Scores& scores();
  /// How far training has come, also while it runs.
  const training::Position& position() const;
  /// What `fit` has recorded so far, also while it runs.
  const training::History& history() const;

  /// That of the next update.
  double learning_rate() const;
  /// Errors: ValueError where the optimizer follows a schedule.
  void set_learning_rate(double learning_rate);

  /// For callbacks: ends `fit` after this batch's epoch is closed (validation, on_epoch_end).
  void stop_training();
  /// Ends `fit` after the batch under way, at once and without closing the epoch; a checkpoint
  /// saved then goes on there. Safe in a signal handler and from other threads.
  void interrupt() noexcept;
  /// Whether `interrupt` was called since the last run began.
  bool interrupted() const noexcept;

  /// Saves everything that the rest of the training depends on: parameters, buffers, optimizer,
  /// losses and metrics so far, position, random state, history, callbacks. Written
  /// atomically. Errors: c10::Error where the file cannot be written.
  void save_checkpoint(const std::filesystem::path& path) const;
  /// For callbacks: saves when every callback of this moment has run, then calls `saved`.
  void checkpoint_after_callbacks(const std::filesystem::path& path,
                                  std::function<void()> saved = nullptr);
  /// Makes everything what it was; the next `fit` goes on there.
  /// Errors: ValueError that names the file, for a file that is damaged, foreign, newer, or of
  /// another model, optimizer or set of metrics; nothing is then changed.
  void load_checkpoint(const std::filesystem::path& path);

  /// Parameters and buffers by name: the model's own tensors, not copies.
  std::vector<serialization::NamedTensor> weights() const;
  /// Copies the values of the tensors into the model.
  /// Errors: ValueError where a name, a shape or a dtype differs; nothing is then changed.
  void set_weights(const std::vector<serialization::NamedTensor>& weights);
  /// Weights alone, under their names in the model: what Python's
  /// safetensors.torch.load_model reads, and save_model writes.
  void save_weights(const std::filesystem::path& path) const;
  /// Errors: ValueError that names the file; nothing is then changed.
  void load_weights(const std::filesystem::path& path);

  /// Named tensors and JSON that checkpoints carry besides: statistics of the data, the
  /// configuration of the experiment.
  void set_checkpoint_extra(std::vector<serialization::NamedTensor> tensors, const Json& values);

 private:
  std::unique_ptr<training::TrainerCore> core_;
};

}  // namespace assay
