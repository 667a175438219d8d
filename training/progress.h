// SPDX-License-Identifier: Apache-2.0
// How far a run has come, for a person to watch.
#pragma once
#include <assay/training/logs.h>

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>

namespace assay::training {

/// Options of `Progress`.
struct ProgressOptions {
  std::int64_t steps = 0;       ///< 0: unknown.
  std::int64_t first_step = 0;  ///< Steps that were done before, in an epoch that goes on.
  bool bar = false;             ///< A bar that moves in place; else a line at the end.
  std::int64_t width = 0;       ///< Columns of the terminal; 0: asked of the system, or 80.
  std::string label = {};       ///< "Epoch 3/10"; stands before a line at the end.
};

/// One epoch, or one evaluation, on a terminal or in a log:
///
///     313/469 ━━━━━━━━━━━━━───────  4.1 ms/step  1s left  loss 0.2113  accuracy 0.9377
///     Epoch 3/10  469/469  1.9s  4.1 ms/step  loss 0.1904  accuracy 0.9441  val_loss 0.2022
///
/// Time left is that of the steps so far, the first of this run aside, which is slow.
class Progress {
 public:
  /// The clock that times are read from.
  using Clock = std::chrono::steady_clock;

  /// Draws nothing yet. `out` must live as long; `now` is when the first step begins.
  Progress(std::ostream& out, ProgressOptions options, Clock::time_point now = Clock::now());

  /// Whether `update` would draw at this time: a bar moves 10 times a second, and at the last step.
  bool due(std::int64_t step, Clock::time_point now = Clock::now()) const;
  /// Draws the bar after `step` steps; without a bar nothing happens.
  void update(std::int64_t step, const Logs& logs, Clock::time_point now = Clock::now());
  /// Replaces the bar by the final line.
  void finish(std::int64_t step, const Logs& logs, Clock::time_point now = Clock::now());
  /// Ends the line of a bar that was left unfinished.
  void abandon();

 private:
  std::string speed(std::int64_t step, Clock::time_point now) const;
  double seconds_per_step(std::int64_t step, Clock::time_point now) const;
  void draw(const std::string& line);

  std::ostream& out_;
  ProgressOptions options_;
  Clock::time_point start_;
  Clock::time_point first_done_;
  std::int64_t first_done_step_ = 0;
  Clock::time_point drawn_;
  bool on_screen_ = false;
};

/// "loss 0.2113  accuracy 0.9377": 4 digits, or scientific where those would say nothing.
std::string shown_logs(const Logs& logs);

/// "850 us", "4.1 ms", "12.3s", "4m 05s", "2h 07m".
std::string shown_seconds(double seconds);

/// "1h 02m left", "12s left".
std::string shown_time_left(double seconds);

/// Columns that a text takes on a terminal: code points of UTF-8.
std::size_t columns_of(std::string_view text);

}  // namespace assay::training
