// SPDX-License-Identifier: Apache-2.0
#include <assay/core/error_text.h>
#include <assay/serialization/atomic_file.h>
#include <assay/training/callbacks/backup_and_restore.h>
#include <assay/training/callbacks/callback-inl.h>
#include <assay/training/trainer.h>

#include <iostream>

namespace assay::training::callbacks {

std::filesystem::path BackupAndRestore::latest() const {
  return options().backup_dir.get() / "latest.safetensors";
}

std::filesystem::path BackupAndRestore::previous() const {
  return options().backup_dir.get() / "previous.safetensors";
}

void BackupAndRestore::on_train_begin() {
  batches_ = 0;
  serialization::remove_stale_temporaries(options().backup_dir.get());
  const bool has_previous = std::filesystem::exists(previous());
  if (std::filesystem::exists(latest())) {
    try {
      trainer().load_checkpoint(latest());
      return;
    } catch (const c10::ValueError& error) {
      if (!has_previous) throw;
      std::cerr << "warning: " << error_text(error) << "; going on from " << previous().string()
                << '\n';
    }
  }
  if (has_previous) trainer().load_checkpoint(previous());
}

void BackupAndRestore::save() {
  if (!trainer().is_first_process()) return;
  std::filesystem::create_directories(options().backup_dir.get());
  if (options().double_checkpoint && std::filesystem::exists(latest())) {
    std::filesystem::rename(latest(), previous());
  }
  trainer().checkpoint_after_callbacks(latest());
}

void BackupAndRestore::on_train_batch_end(std::int64_t batch, const BatchLogs& logs) {
  if (options().save_freq.each_epoch() || ++batches_ < options().save_freq.batches) return;
  batches_ = 0;
  save();
}

void BackupAndRestore::on_epoch_end(std::int64_t epoch, Logs& logs) {
  if (options().save_freq.each_epoch()) save();
}

void BackupAndRestore::on_train_end(const Logs& logs) {
  if (!options().delete_checkpoint || !trainer().is_first_process()) return;
  std::filesystem::remove(latest());
  std::filesystem::remove(previous());
  std::error_code not_empty;
  std::filesystem::remove(options().backup_dir.get(), not_empty);
}

template class CallbackOf<BackupAndRestore, BackupAndRestoreOptions>;

void register_backup_and_restore(CallbackRegistry& registry) { registry.add<BackupAndRestore>(); }

}  // namespace assay::training::callbacks
