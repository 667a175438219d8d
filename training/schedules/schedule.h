// SPDX-License-Identifier: Apache-2.0
// What every learning rate schedule is: a function of the number of updates made so far.
#pragma once
#include <assay/core/options/fields.h>
#include <assay/core/options/json.h>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

/// Learning rates that change as training goes.
namespace assay::training::schedules {

/// The default of an option that has none: no number satisfies its rule but one that is given.
inline constexpr double kNotGiven = std::numeric_limits<double>::quiet_NaN();

/// The base of all schedules.
///
///     schedules::ExponentialDecay schedule(
///         {.initial_learning_rate = 0.1, .decay_steps = 1000, .decay_rate = 0.5});
///     schedule(0);      // 0.1
///     schedule(2000);   // 0.025
///
/// Computed in float64, where Keras computes in float32: the two agree to float32's precision.
/// Source: keras.optimizers.schedules.LearningRateSchedule.
class Schedule {
 public:
  virtual ~Schedule() = default;

  /// The learning rate of the update that follows `step` updates.
  virtual double operator()(std::int64_t step) const = 0;

  /// The options as Keras writes them; `schedules::get` reads them.
  virtual Json get_config() const = 0;

  /// Keras's class name.
  virtual std::string class_name() const = 0;
};

/// A schedule with options: the configuration, written once.
/// A source that defines `Derived` includes schedule-inl.h.
template <class Derived, class OptionsType>
class ScheduleOf : public Schedule {
 public:
  /// The plain struct with this class's options.
  using Options = OptionsType;

  /// Errors: ValueError for an option out of its range, or one without a default that is not given.
  explicit ScheduleOf(Options options);

  /// What the schedule was made with.
  const Options& options() const { return options_; }
  /// The options by their field list, as Keras writes them.
  Json get_config() const override;
  /// `Options::class_name`.
  std::string class_name() const override { return Options::class_name; }

 private:
  Options options_;
};

}  // namespace assay::training::schedules

namespace assay {
namespace schedules = training::schedules;
}
