// SPDX-License-Identifier: Apache-2.0
// The callbacks of one run, called in order.
#pragma once
#include <assay/training/callbacks/callback.h>
#include <assay/training/fit_options.h>

#include <memory>
#include <utility>
#include <vector>

namespace assay::training {

/// Callbacks in the order in which they are called.
class CallbackList {
 public:
  CallbackList() = default;
  /// Makes what is given by name or JSON; in other processes than the first without those that
  /// are the first's alone. Errors: ValueError.
  explicit CallbackList(const std::vector<CallbackArgument>& callbacks, bool first_process = true);

  /// Adds one behind the others.
  void add(std::shared_ptr<callbacks::Callback> callback) { list_.push_back(std::move(callback)); }
  /// The callbacks, in order.
  const std::vector<std::shared_ptr<callbacks::Callback>>& list() const { return list_; }

  /// call(&Callback::on_epoch_begin, epoch)
  template <class... Parameters, class... Arguments>
  void call(void (callbacks::Callback::*event)(Parameters...), Arguments&&... arguments) const {
    for (const auto& callback : list_) ((*callback).*event)(arguments...);
  }

  /// Their states by class name, in order.
  std::vector<std::pair<std::string, callbacks::CallbackState>> states() const;

  /// Gives each callback the first state of its class that no other took; callbacks without one,
  /// and states without a callback, are left alone. Errors: ValueError.
  void load_states(const std::vector<std::pair<std::string, callbacks::CallbackState>>& states);

 private:
  std::vector<std::shared_ptr<callbacks::Callback>> list_;
};

}  // namespace assay::training
