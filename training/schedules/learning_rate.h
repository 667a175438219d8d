// SPDX-License-Identifier: Apache-2.0
// The learning rate option of optimizers: a number or a schedule.
#pragma once
#include <assay/core/options/json.h>
#include <assay/training/schedules/schedule.h>

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace assay::training::schedules {

/// A learning rate that is constant, or follows a schedule.
///
///     optimizers::Adam adam({.learning_rate = 1e-3});
///     optimizers::Adam decaying({.learning_rate = schedules::CosineDecay({...})});
class LearningRate {
 public:
  ///@{
  /// Options are written as numbers or schedules; schedules are shared by the copies.
  LearningRate(double constant = 0.0) : constant_(constant) {}
  LearningRate(std::shared_ptr<const Schedule> schedule) : schedule_(std::move(schedule)) {}

  template <std::derived_from<Schedule> T>
  LearningRate(T schedule) : schedule_(std::make_shared<const T>(std::move(schedule))) {}
  ///@}

  /// The rate of the update that follows `step` updates.
  double operator()(std::int64_t step) const { return schedule_ ? (*schedule_)(step) : constant_; }

  /// Whether it follows a schedule.
  bool is_schedule() const { return schedule_ != nullptr; }

  /// The schedule, or null where the rate is constant.
  const std::shared_ptr<const Schedule>& schedule() const { return schedule_; }

 private:
  double constant_ = 0.0;
  std::shared_ptr<const Schedule> schedule_;
};

/// A constant rate must be a finite number of at least 0.
inline constexpr Constraint<LearningRate> valid_learning_rate{
    [](const LearningRate& rate) { return rate.is_schedule() || not_negative.holds(rate(0)); },
    "a number of at least 0, or a schedule"};

///@{
/// In JSON a number, or what `schedules::get` takes.
Json write_value(const LearningRate& value);
void read_value(const Json& in, LearningRate& value, const std::string& path);
Json value_schema(const LearningRate*);
///@}

}  // namespace assay::training::schedules
