// SPDX-License-Identifier: Apache-2.0
#include <assay/training/callbacks/callback-inl.h>
#include <assay/training/callbacks/learning_rate_scheduler.h>
#include <assay/training/trainer.h>

#include <iostream>

namespace assay::training::callbacks {

LearningRateScheduler::LearningRateScheduler(Options given) : CallbackOf(std::move(given)) {
  function_ = [schedule = options().schedule](std::int64_t epoch, double) {
    return schedule(epoch);
  };
}

LearningRateScheduler::LearningRateScheduler(Function schedule, std::int64_t verbose)
    : CallbackOf(Options{.schedule = 0.0, .verbose = verbose}), function_(std::move(schedule)) {
  TORCH_CHECK_VALUE(function_, "LearningRateScheduler: the function is missing");
}

void LearningRateScheduler::on_epoch_begin(std::int64_t epoch) {
  const auto rate = function_(epoch, trainer().learning_rate());
  trainer().set_learning_rate(rate);
  if (options().verbose > 0) {
    std::cout << "Epoch " << epoch + 1 << ": the learning rate is " << rate << "\n";
  }
}

void LearningRateScheduler::on_epoch_end(std::int64_t epoch, Logs& logs) {
  logs.set("learning_rate", trainer().learning_rate());
}

template class CallbackOf<LearningRateScheduler, LearningRateSchedulerOptions>;

void register_learning_rate_scheduler(CallbackRegistry& registry) {
  registry.add<LearningRateScheduler>();
}

}  // namespace assay::training::callbacks
