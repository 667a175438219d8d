// SPDX-License-Identifier: Apache-2.0
// A value that a callback watches, and what counts as an improvement of it.
#pragma once
#include <assay/core/options/fields.h>
#include <assay/training/logs.h>

#include <optional>
#include <string>

namespace assay {
class Trainer;
}

namespace assay::training::callbacks {

/// Source: keras.src.callbacks.monitor_callback.
class Monitor {
 public:
  /// `owner` names the callback in messages; `mode` is "auto", "min" or "max".
  Monitor(std::string owner, std::string monitor, std::string mode, double min_delta);

  /// The value; where there is none, nothing, and once a warning on standard error.
  std::optional<double> value(const Logs& logs);

  /// Whether the value is better than the reference by more than min_delta; no reference: it is.
  /// NaN is never better, and whatever else is better than NaN.
  /// "auto" takes losses and errors as better when lower, accuracies and the like when higher.
  /// Errors: ValueError where "auto" does not know the metric.
  bool improves(Trainer& trainer, double value, std::optional<double> reference);

  /// The name of the value that is watched.
  const std::string& name() const { return monitor_; }

 private:
  std::string owner_;
  std::string monitor_;
  std::string mode_;
  double min_delta_;
  bool warned_ = false;
};

///@{
/// The rules of options that callbacks share; the text is the one in errors.
inline constexpr Constraint<std::string> monitor_mode{
    [](const std::string& mode) { return mode == "auto" || mode == "min" || mode == "max"; },
    "auto, min or max"};
inline constexpr Constraint<std::int64_t> count_from_zero{
    [](const std::int64_t& count) { return count >= 0; }, "an integer of at least 0"};

inline constexpr Constraint<std::optional<std::int64_t>> count_or_null{
    [](const std::optional<std::int64_t>& count) { return !count || *count >= 1; },
    "an integer of at least 1, or null"};
///@}

/// A number, NaN and infinity included, or null for nothing, as a callback's state keeps it.
Json optional_json(const std::optional<double>& value);
/// The inverse. Errors: ValueError that names `path`.
std::optional<double> optional_from(const Json& json, const std::string& path);

}  // namespace assay::training::callbacks
