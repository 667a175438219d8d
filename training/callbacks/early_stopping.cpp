// SPDX-License-Identifier: Apache-2.0
#include <assay/training/callbacks/callback-inl.h>
#include <assay/training/callbacks/early_stopping.h>
#include <assay/training/trainer.h>

#include <iostream>

namespace assay::training::callbacks {

EarlyStopping::EarlyStopping(Options given)
    : CallbackOf(std::move(given)),
      monitor_("EarlyStopping", options().monitor, options().mode, options().min_delta) {}

void EarlyStopping::on_train_begin() {
  wait_ = 0;
  stopped_epoch_ = 0;
  best_epoch_ = 0;
  best_.reset();
  best_weights_.clear();
}

void EarlyStopping::keep_weights(std::int64_t epoch) {
  best_epoch_ = epoch;
  best_weights_ = trainer().weights();
  for (auto& [name, tensor] : best_weights_) tensor = tensor.detach().clone();
}

void EarlyStopping::on_epoch_end(std::int64_t epoch, Logs& logs) {
  const auto current = monitor_.value(logs);
  if (!current || epoch < options().start_from_epoch) return;
  const bool keeps = options().restore_best_weights;
  if (keeps && best_weights_.empty()) keep_weights(epoch);
  ++wait_;
  if (monitor_.improves(trainer(), *current, best_)) {
    best_ = current;
    best_epoch_ = epoch;
    if (keeps) keep_weights(epoch);
    const auto& baseline = options().baseline;
    if (!baseline || monitor_.improves(trainer(), *current, baseline)) wait_ = 0;
    return;
  }
  if (wait_ >= options().patience && epoch > 0) {
    stopped_epoch_ = epoch;
    trainer().stop_training();
  }
}

void EarlyStopping::on_train_end(const Logs& logs) {
  if (stopped_epoch_ > 0 && options().verbose > 0) {
    std::cout << "Epoch " << stopped_epoch_ + 1 << ": early stopping\n";
  }
  if (!options().restore_best_weights || best_weights_.empty()) return;
  if (options().verbose > 0) {
    std::cout << "Restoring the weights of the best epoch, " << best_epoch_ + 1 << "\n";
  }
  trainer().set_weights(best_weights_);
}

CallbackState EarlyStopping::state() const {
  return {std::make_shared<const Json>(Json{{"wait", wait_},
                                            {"stopped_epoch", stopped_epoch_},
                                            {"best_epoch", best_epoch_},
                                            {"best", optional_json(best_)}}),
          best_weights_};
}

void EarlyStopping::load_state(const CallbackState& state) {
  const auto& values = *state.values;
  const auto best = optional_from(values.at("best"), "EarlyStopping.best");
  std::int64_t wait = 0;
  std::int64_t stopped_epoch = 0;
  std::int64_t best_epoch = 0;
  assay::read_value(values.at("wait"), wait, "EarlyStopping.wait");
  assay::read_value(values.at("stopped_epoch"), stopped_epoch, "EarlyStopping.stopped_epoch");
  assay::read_value(values.at("best_epoch"), best_epoch, "EarlyStopping.best_epoch");
  best_ = best;
  wait_ = wait;
  stopped_epoch_ = stopped_epoch;
  best_epoch_ = best_epoch;
  best_weights_ = state.tensors;
}

template class CallbackOf<EarlyStopping, EarlyStoppingOptions>;

void register_early_stopping(CallbackRegistry& registry) { registry.add<EarlyStopping>(); }

}  // namespace assay::training::callbacks
