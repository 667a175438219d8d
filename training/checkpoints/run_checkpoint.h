// SPDX-License-Identifier: Apache-2.0
// The checkpoints of an experiment.
#pragma once
#include <assay/training/callbacks/callback.h>
#include <assay/training/callbacks/monitor.h>
#include <assay/training/experiment/options.h>

#include <filesystem>
#include <optional>

#pragma GCC visibility push(hidden)
namespace assay::training::callbacks {

/// Saves a checkpoint at each epoch's end, and every so many batches; keeps the last ones, and that
/// of the best epoch.
class RunCheckpoint final : public Callback {
 public:
  /// `path` is that of the last one, `best` that of the best epoch's.
  /// Errors: ValueError for a mode that is not known.
  RunCheckpoint(std::filesystem::path path, std::filesystem::path best, CheckpointSection options);

  void on_train_begin() override { best_value_.reset(); }
  void on_train_batch_end(std::int64_t batch, const BatchLogs& logs) override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
  bool first_process_only() const override { return true; }
  CallbackState state() const override;
  void load_state(const CallbackState& state) override;

  Json get_config() const override;
  std::string class_name() const override { return "RunCheckpoint"; }

 private:
  void save();
  bool is_best(const Logs& logs);

  std::filesystem::path path_;
  std::filesystem::path best_;
  CheckpointSection options_;
  std::optional<Monitor> monitor_;
  std::optional<double> best_value_;
};

}  // namespace assay::training::callbacks
#pragma GCC visibility pop
