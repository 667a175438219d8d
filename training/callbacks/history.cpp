// SPDX-License-Identifier: Apache-2.0
#include <assay/training/callbacks/callback-inl.h>
#include <assay/training/callbacks/history.h>

namespace assay::training::callbacks {

void History::on_train_begin() { record_ = {}; }

void History::on_epoch_end(std::int64_t epoch, Logs& logs) {
  record_.add({.epoch = epoch, .logs = logs});
}

CallbackState History::state() const {
  return {std::make_shared<const Json>(record_.to_json()), {}};
}

void History::load_state(const CallbackState& state) {
  record_ = training::History::from_json(*state.values);
}

template class CallbackOf<History, HistoryOptions>;

void register_history(CallbackRegistry& registry) { registry.add<History>(); }

}  // namespace assay::training::callbacks
