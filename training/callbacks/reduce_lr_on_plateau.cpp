// SPDX-License-Identifier: Apache-2.0
#include <assay/training/callbacks/callback-inl.h>
#include <assay/training/callbacks/reduce_lr_on_plateau.h>
#include <assay/training/trainer.h>

#include <algorithm>
#include <iostream>

namespace assay::training::callbacks {

ReduceLROnPlateau::ReduceLROnPlateau(Options given)
    : CallbackOf(std::move(given)),
      monitor_("ReduceLROnPlateau", options().monitor, options().mode, options().min_delta) {}

void ReduceLROnPlateau::on_train_begin() {
  wait_ = 0;
  cooldown_counter_ = 0;
  best_.reset();
}

bool ReduceLROnPlateau::reduce(std::int64_t epoch) {
  const auto old_rate = trainer().learning_rate();
  if (old_rate <= options().min_lr) return false;
  const auto new_rate = std::max(old_rate * options().factor, options().min_lr);
  trainer().set_learning_rate(new_rate);
  if (options().verbose > 0) {
    std::cout << "Epoch " << epoch + 1 << ": ReduceLROnPlateau reduces the learning rate to "
              << new_rate << "\n";
  }
  return true;
}

void ReduceLROnPlateau::on_epoch_end(std::int64_t epoch, Logs& logs) {
  logs.set("learning_rate", trainer().learning_rate());
  const auto current = monitor_.value(logs);
  if (!current) return;
  if (cooldown_counter_ > 0) {
    --cooldown_counter_;
    wait_ = 0;
  }
  if (monitor_.improves(trainer(), *current, best_)) {
    best_ = current;
    wait_ = 0;
    return;
  }
  if (cooldown_counter_ > 0 || ++wait_ < options().patience) return;
  if (reduce(epoch)) {
    cooldown_counter_ = options().cooldown;
    wait_ = 0;
  }
}

CallbackState ReduceLROnPlateau::state() const {
  return {std::make_shared<const Json>(Json{{"wait", wait_},
                                            {"cooldown_counter", cooldown_counter_},
                                            {"best", optional_json(best_)}}),
          {}};
}

void ReduceLROnPlateau::load_state(const CallbackState& state) {
  const auto& values = *state.values;
  const auto best = optional_from(values.at("best"), "ReduceLROnPlateau.best");
  std::int64_t wait = 0;
  std::int64_t cooldown = 0;
  assay::read_value(values.at("wait"), wait, "ReduceLROnPlateau.wait");
  assay::read_value(values.at("cooldown_counter"), cooldown, "ReduceLROnPlateau.cooldown_counter");
  best_ = best;
  wait_ = wait;
  cooldown_counter_ = cooldown;
}

template class CallbackOf<ReduceLROnPlateau, ReduceLROnPlateauOptions>;

void register_reduce_lr_on_plateau(CallbackRegistry& registry) {
  registry.add<ReduceLROnPlateau>();
}

}  // namespace assay::training::callbacks
