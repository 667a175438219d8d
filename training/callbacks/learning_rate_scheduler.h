// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/callbacks/callback.h>
#include <assay/training/callbacks/monitor.h>
#include <assay/training/schedules/learning_rate.h>

#include <functional>

namespace assay::training::callbacks {

/// Options of `LearningRateScheduler`.
struct LearningRateSchedulerOptions {
  static constexpr auto class_name = "LearningRateScheduler";
  schedules::LearningRate schedule = schedules::kNotGiven;
  std::int64_t verbose = 0;

  static constexpr auto fields() {
    using O = LearningRateSchedulerOptions;
    return assay::fields(field("schedule", &O::schedule, "A schedule; its steps are epochs.",
                               schedules::valid_learning_rate),
                         field("verbose", &O::verbose, "1: says what it does.", count_from_zero));
  }
};

/// Sets the learning rate at the start of each epoch, and adds `learning_rate` to the logs.
///
///     LearningRateScheduler([](std::int64_t epoch, double rate) {
///       return epoch < 10 ? rate : rate * 0.9;
///     })
///
/// In JSON, and in the options, `schedule` is a learning rate schedule whose steps are epochs.
/// Errors: ValueError where the optimizer follows a schedule of its own.
/// Source: keras.callbacks.LearningRateScheduler.
class LearningRateScheduler final
    : public CallbackOf<LearningRateScheduler, LearningRateSchedulerOptions> {
 public:
  /// The rate of an epoch, from the rate of the one before.
  using Function = std::function<double(std::int64_t epoch, double learning_rate)>;

  /// Errors: ValueError for an option out of its range, or no schedule.
  explicit LearningRateScheduler(Options given);
  /// Errors: ValueError where the function is empty.
  explicit LearningRateScheduler(Function schedule, std::int64_t verbose = 0);

  void on_epoch_begin(std::int64_t epoch) override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
  bool acts_on_batches() const override { return false; }

 private:
  Function function_;
};

}  // namespace assay::training::callbacks
