// SPDX-License-Identifier: Apache-2.0
// What Trainer's fit, evaluate and predict take.
#pragma once
#include <assay/training/argument.h>
#include <assay/training/callbacks/callback.h>
#include <assay/training/data_argument.h>

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace assay::training {

extern template class Argument<callbacks::Callback>;
/// A callback: its name, JSON, or the object.
using CallbackArgument = Argument<callbacks::Callback>;

/// How much is written to standard output.
enum class Verbosity {
  kAuto,    ///< A bar on a terminal, a line per epoch elsewhere.
  kSilent,  ///< Nothing.
  kBar,     ///< A bar that moves; for terminals.
  kEpochs,  ///< One line per epoch.
};

/// What `Trainer::fit` takes. Source: keras.Model.fit.
struct FitOptions {
  std::int64_t epochs = 1;       ///< Number of the last epoch, counted from 1, as in Keras.
  std::int64_t batch_size = 32;  ///< Rows of a batch; unused where the data is a range of batches.
  Data validation = {};          ///< Evaluated after each epoch; values are called val_ ...
  bool shuffle = true;           ///< A new order each epoch, told by `seed` and the epoch alone.
  /// Decides the order; nothing: drawn from LibTorch's generator (torch::manual_seed).
  std::optional<std::uint64_t> seed = std::nullopt;
  std::vector<CallbackArgument> callbacks = {};  ///< Called in this order.
  Verbosity verbose = Verbosity::kAuto;          ///< How progress is shown.
  /// The epoch to begin with, counted from 0; a checkpoint that was loaded decides instead.
  std::int64_t initial_epoch = 0;
  /// Ends an epoch after its first batches; nothing: all of them.
  std::optional<std::int64_t> steps_per_epoch = std::nullopt;
  /// Validates on the first batches alone; nothing: on all of them.
  std::optional<std::int64_t> validation_steps = std::nullopt;
  /// The last share of the data, before shuffling, to validate on.
  double validation_split = 0;
  std::int64_t validation_freq = 1;  ///< Validate every so many epochs.
  std::optional<std::int64_t> validation_batch_size = std::nullopt;  ///< Nothing: batch_size.
  /// Factor on the sample weights of each class, told by the label: an integer or a one-hot row.
  /// Classes that are not named weigh 1.
  std::map<std::int64_t, double> class_weight = {};
  std::int64_t threads = 0;  ///< Threads that read batches ahead.
  /// What the run is made from, for callbacks that report it.
  std::shared_ptr<const Json> configuration = {};
};

/// What `Trainer::evaluate` takes. Source: keras.Model.evaluate.
struct EvaluateOptions {
  std::int64_t batch_size = 32;  ///< Rows of a batch; unused where the data is a range of batches.
  std::vector<CallbackArgument> callbacks = {};      ///< Called in this order.
  Verbosity verbose = Verbosity::kSilent;            ///< How progress is shown.
  std::optional<std::int64_t> steps = std::nullopt;  ///< The first batches only.
  std::int64_t threads = 0;                          ///< Threads that read batches ahead.
};

/// What `Trainer::predict` takes. Source: keras.Model.predict.
struct PredictOptions {
  std::int64_t batch_size = 32;  ///< Rows of a batch; unused where the data is a range of batches.
  std::vector<CallbackArgument> callbacks = {};      ///< Called in this order.
  std::optional<std::int64_t> steps = std::nullopt;  ///< The first batches only.
  std::int64_t threads = 0;                          ///< Threads that read batches ahead.
};

}  // namespace assay::training
