// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/callbacks/callback.h>
#include <assay/training/callbacks/save_frequency.h>
#include <assay/training/data/relative_paths.h>

namespace assay::training::callbacks {

/// Options of `BackupAndRestore`.
struct BackupAndRestoreOptions {
  static constexpr auto class_name = "BackupAndRestore";
  Path backup_dir = {};
  SaveFrequency save_freq = {};
  bool double_checkpoint = false;
  bool delete_checkpoint = true;

  static constexpr auto fields() {
    using O = BackupAndRestoreOptions;
    return assay::fields(
        field("backup_dir", &O::backup_dir, "The folder of the checkpoint.", given_path),
        field("save_freq", &O::save_freq, "epoch, or a number of batches.", valid_save_frequency),
        field(
            "double_checkpoint", &O::double_checkpoint,
            "Whether the checkpoint before the last is kept, and used where the last is damaged."),
        field("delete_checkpoint", &O::delete_checkpoint,
              "Whether the checkpoint is deleted when training has ended."));
  }
};

/// Saves a checkpoint as training goes, and goes on from it when a `fit` begins that was cut short:
/// the run then ends bit for bit as one that was never cut.
/// The file is backup_dir/latest.safetensors. Source: keras.callbacks.BackupAndRestore.
class BackupAndRestore final : public CallbackOf<BackupAndRestore, BackupAndRestoreOptions> {
 public:
  using CallbackOf::CallbackOf;

  void on_train_begin() override;
  void on_train_batch_end(std::int64_t batch, const BatchLogs& logs) override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
  void on_train_end(const Logs& logs) override;
  bool acts_on_batches() const override { return !options().save_freq.each_epoch(); }

 private:
  std::filesystem::path latest() const;
  std::filesystem::path previous() const;
  void save();

  std::int64_t batches_ = 0;  // since the last one was saved
};

}  // namespace assay::training::callbacks
