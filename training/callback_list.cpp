// SPDX-License-Identifier: Apache-2.0
#include <assay/core/error_text.h>
#include <assay/training/argument-inl.h>
#include <assay/training/callback_list.h>
#include <assay/training/callbacks/registry.h>

namespace assay::training {

template class Argument<callbacks::Callback>;

CallbackList::CallbackList(const std::vector<CallbackArgument>& callbacks, bool first_process) {
  for (const auto& argument : callbacks) {
    auto callback = argument.object() ? argument.object() : callbacks::get(argument.identifier());
    if (first_process || !callback->first_process_only()) add(std::move(callback));
  }
}

std::vector<std::pair<std::string, callbacks::CallbackState>> CallbackList::states() const {
  std::vector<std::pair<std::string, callbacks::CallbackState>> states;
  for (const auto& callback : list_) states.emplace_back(callback->class_name(), callback->state());
  return states;
}

void CallbackList::load_states(
    const std::vector<std::pair<std::string, callbacks::CallbackState>>& states) {
  std::vector<bool> taken(states.size(), false);
  for (const auto& callback : list_) {
    for (std::size_t i = 0; i < states.size(); ++i) {
      const auto& [class_name, state] = states[i];
      if (taken[i] || class_name != callback->class_name()) continue;
      taken[i] = true;
      if (state.values) {
        with_context("the state of " + class_name + " in the checkpoint",
                     [&, &state = states[i].second] { callback->load_state(state); });
      }
      break;
    }
  }
}

}  // namespace assay::training
