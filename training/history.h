// SPDX-License-Identifier: Apache-2.0
// What a training run measured, epoch by epoch.
#pragma once
#include <assay/core/options/json.h>
#include <assay/training/logs.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace assay::training {

/// One finished epoch.
struct EpochRecord {
  std::int64_t epoch = 0;  ///< Counted from 0, as Keras does.
  Logs logs;               ///< loss, metrics, val_loss, val_ metrics, what callbacks added.
  double seconds = 0;      ///< Wall-clock time: the one field that two equal runs differ in.
  /// The optimizer's at the epoch's end, before callbacks change it; nothing in files of before.
  std::optional<double> learning_rate = std::nullopt;
};

/// The record of a run: `history["val_accuracy"].back()`.
/// Source: keras.callbacks.History.
class History {
 public:
  /// Adds the epoch that follows.
  void add(EpochRecord record) { epochs_.push_back(std::move(record)); }
  /// The epochs, in order.
  const std::vector<EpochRecord>& epochs() const { return epochs_; }
  /// Whether no epoch is finished.
  bool empty() const { return epochs_.empty(); }

  /// The value of every epoch that has one. Errors: ValueError that lists the known names.
  std::vector<double> operator[](std::string_view name) const;

  /// Every name that some epoch has, in order of appearance.
  std::vector<std::string> names() const;

  /// {"epoch": [0, 1], "history": {"loss": [0.3, 0.2], ...}, "seconds": [0.1, 0.1],
  /// "learning_rate": [0.01, 0.01]}; null where an epoch lacks a value.
  Json to_json() const;

  /// The inverse. Errors: ValueError.
  static History from_json(const Json& json);

 private:
  std::vector<EpochRecord> epochs_;
};

}  // namespace assay::training
