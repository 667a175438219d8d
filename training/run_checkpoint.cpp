// SPDX-License-Identifier: Apache-2.0
#include <assay/training/run_checkpoint.h>
#include <assay/training/trainer.h>

#include <nlohmann/json.hpp>

namespace assay::training::callbacks {

RunCheckpoint::RunCheckpoint(std::filesystem::path path, std::optional<std::int64_t> every_steps)
    : path_(std::move(path)), every_steps_(every_steps) {}

void RunCheckpoint::on_train_batch_end(std::int64_t batch, const BatchLogs& logs) {
  if (!every_steps_) return;
  const auto steps = trainer().position().epoch * parameters().steps + batch + 1;
  if (steps % *every_steps_ == 0) trainer().checkpoint_after_callbacks(path_);
}

void RunCheckpoint::on_epoch_end(std::int64_t epoch, Logs& logs) {
  trainer().checkpoint_after_callbacks(path_);
}

Json RunCheckpoint::get_config() const {
  return {{"path", path_.string()}, {"every_steps", every_steps_ ? Json(*every_steps_) : Json()}};
}

}  // namespace assay::training::callbacks
