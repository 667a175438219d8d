// SPDX-License-Identifier: Apache-2.0
// What every callback is: code that runs at set moments of training, evaluation and prediction.
#pragma once
#include <assay/core/options/fields.h>
#include <assay/core/options/json.h>
#include <assay/serialization/safetensors.h>
#include <assay/training/logs.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace assay {
class Trainer;
}

/// Code that runs at set moments of a training.
namespace assay::training::callbacks {

/// What a callback is told about the run before it begins.
struct RunParameters {
  std::int64_t epochs = 1;  ///< What `fit` was asked for; 1 in `evaluate` and `predict`.
  std::int64_t steps = 0;   ///< Batches in an epoch; 0: unknown.
  bool bar = false;         ///< Whether progress is shown as a bar that moves.
  bool lines = false;       ///< Whether progress is shown as a line per epoch.
  std::shared_ptr<const Json> configuration = {};  ///< What the run is made from; null: unknown.
};

/// What must survive between two runs of one training; it goes into the checkpoint.
struct CallbackState {
  std::shared_ptr<const Json> values;               ///< Null: nothing.
  std::vector<serialization::NamedTensor> tensors;  ///< They are shared, not copied.
};

/// The base of all callbacks.
///
/// Epochs and batches count from 0. In `fit` the order of callbacks is the order given, then
/// ProgbarLogger (unless silent); then the history is recorded. A checkpoint that one of them asks
/// for (Trainer::checkpoint_after_callbacks) is written when all have run, so it holds the state
/// that all of them have then. What a callback throws ends `fit` there: no other callback runs,
/// also not on_train_end, and the model stays as the last finished batch left it. All of them are
/// told by `abandon`.
///
/// When training goes on from a checkpoint, on_train_begin comes first and load_state after it; an
/// epoch that goes on in its middle calls on_epoch_resume in place of on_epoch_begin.
/// Source: keras.callbacks.Callback.
class Callback {
 public:
  virtual ~Callback() = default;

  /// Before the first epoch of a `fit`.
  virtual void on_train_begin() {}
  /// After the last epoch, whose values `logs` are; not called where training was interrupted.
  virtual void on_train_end(const Logs& logs) {}
  /// In place of on_train_end where `fit` ended early, by an interruption or by what something
  /// threw: lets go of what was begun.
  virtual void abandon() noexcept {}
  /// Before the first batch of an epoch.
  virtual void on_epoch_begin(std::int64_t epoch) {}
  /// Before the batch with which an epoch goes on.
  virtual void on_epoch_resume(std::int64_t epoch, std::int64_t batch) {}
  /// After the validation. What is set in `logs` reaches the callbacks that follow, and the
  /// history.
  virtual void on_epoch_end(std::int64_t epoch, Logs& logs) {}
  ///@{
  /// Around each batch, its update included; `logs` are of the epoch so far.
  virtual void on_train_batch_begin(std::int64_t batch) {}
  virtual void on_train_batch_end(std::int64_t batch, const BatchLogs& logs) {}
  ///@}
  ///@{
  /// Around an `evaluate`, the validation of an epoch, and each batch of either. The end is not
  /// called where it was interrupted.
  virtual void on_test_begin() {}
  virtual void on_test_end(const Logs& logs) {}
  virtual void on_test_batch_begin(std::int64_t batch) {}
  virtual void on_test_batch_end(std::int64_t batch, const BatchLogs& logs) {}
  ///@}
  ///@{
  /// Around a `predict`, and each of its batches.
  virtual void on_predict_begin() {}
  virtual void on_predict_end() {}
  virtual void on_predict_batch_begin(std::int64_t batch) {}
  virtual void on_predict_batch_end(std::int64_t batch) {}
  ///@}

  /// Whether of several processes only the first one has it: what writes files.
  virtual bool first_process_only() const { return false; }

  /// Whether it may end training, or ask for a checkpoint, at a batch's end. Several processes then
  /// settle after each batch how to go on, which costs them a message.
  virtual bool acts_on_batches() const { return true; }

  /// What `load_state` needs to go on; it may be asked for at the end of any batch or epoch.
  virtual CallbackState state() const { return {}; }
  /// Errors: ValueError where the state is another callback's; nothing is then changed.
  virtual void load_state(const CallbackState& state) {}

  /// The options as Keras writes them; `callbacks::get` reads them.
  virtual Json get_config() const = 0;
  /// Keras's class name.
  virtual std::string class_name() const = 0;

  /// Called by the trainer, which must live as long as the run, before each run.
  void set_trainer(Trainer& trainer, RunParameters parameters) {
    trainer_ = &trainer;
    parameters_ = parameters;
  }

 protected:
  /// Whose run it is; only while one is on.
  Trainer& trainer() const { return *trainer_; }
  /// What the run is; only while one is on.
  const RunParameters& parameters() const { return parameters_; }

 private:
  Trainer* trainer_ = nullptr;
  RunParameters parameters_;
};

/// A callback with options: configuration, written once.
/// A source that defines `Derived` includes callback-inl.h.
template <class Derived, class OptionsType, class Base = Callback>
class CallbackOf : public Base {
 public:
  /// The plain struct with this class's options.
  using Options = OptionsType;

  /// Errors: ValueError for an option out of its range.
  explicit CallbackOf(Options options = {});

  /// What the callback was made with.
  const Options& options() const { return options_; }
  /// The options by their field list, as Keras writes them.
  Json get_config() const override;
  /// `Options::class_name`.
  std::string class_name() const override { return Options::class_name; }

 private:
  Options options_;
};

}  // namespace assay::training::callbacks

namespace assay {
namespace callbacks = training::callbacks;
}
