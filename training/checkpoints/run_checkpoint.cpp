// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/config.h>
#include <assay/training/checkpoints/kept_checkpoints.h>
#include <assay/training/checkpoints/run_checkpoint.h>
#include <assay/training/trainer.h>

#include <nlohmann/json.hpp>

namespace assay::training::callbacks {

RunCheckpoint::RunCheckpoint(std::filesystem::path path, std::filesystem::path best,
                             CheckpointSection options)
    : path_(std::move(path)), best_(std::move(best)), options_(std::move(options)) {
  if (options_.monitor) monitor_.emplace("checkpoint", *options_.monitor, options_.mode, 0);
}

void RunCheckpoint::save() {
  trainer().checkpoint_after_callbacks(path_, [this] {
    if (options_.max_to_keep > 1) {
      keep_checkpoint(path_, trainer().position().batches, options_.max_to_keep);
    }
  });
}

bool RunCheckpoint::is_best(const Logs& logs) {
  if (!monitor_) return false;
  const auto value = monitor_->value(logs);
  if (!value || !monitor_->improves(trainer(), *value, best_value_)) return false;
  best_value_ = value;
  return true;
}

void RunCheckpoint::on_train_batch_end(std::int64_t batch, const BatchLogs& logs) {
  if (!options_.every_steps) return;
  const auto steps = trainer().position().epoch * parameters().steps + batch + 1;
  if (steps % *options_.every_steps == 0) save();
}

void RunCheckpoint::on_epoch_end(std::int64_t epoch, Logs& logs) {
  // First: a run that goes on from the last checkpoint relies on the best one that it tells of.
  if (is_best(logs)) trainer().checkpoint_after_callbacks(best_);
  save();
}

CallbackState RunCheckpoint::state() const {
  return {std::make_shared<const Json>(Json{{"best", optional_json(best_value_)}}), {}};
}

void RunCheckpoint::load_state(const CallbackState& state) {
  best_value_ = optional_from(state.values->at("best"), "checkpoint.best");
}

Json RunCheckpoint::get_config() const {
  auto config = fields_of<CheckpointSection>().to_config(&options_);
  config["path"] = path_.string();
  return config;
}

}  // namespace assay::training::callbacks
