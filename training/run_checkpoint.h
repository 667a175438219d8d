// SPDX-License-Identifier: Apache-2.0
// The checkpoints of an experiment.
#pragma once
#include <assay/training/callbacks/callback.h>

#include <filesystem>
#include <optional>

namespace assay::training::callbacks {

/// Saves a checkpoint at each epoch's end, and every so many batches.
class RunCheckpoint final : public Callback {
 public:
  RunCheckpoint(std::filesystem::path path, std::optional<std::int64_t> every_steps);

  void on_train_batch_end(std::int64_t batch, const BatchLogs& logs) override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;

  Json get_config() const override;
  std::string class_name() const override { return "RunCheckpoint"; }

 private:
  std::filesystem::path path_;
  std::optional<std::int64_t> every_steps_;
};

}  // namespace assay::training::callbacks
