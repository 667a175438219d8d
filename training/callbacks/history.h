// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/callbacks/callback.h>
#include <assay/training/history.h>

namespace assay::training::callbacks {

/// Options of `History`: none.
struct HistoryOptions {
  static constexpr auto class_name = "History";
  static constexpr auto fields() { return assay::fields(); }
};

/// Records the values of each epoch. `fit` returns the same record, so this is for configurations
/// and code that name it. Source: keras.callbacks.History.
class History final : public CallbackOf<History, HistoryOptions> {
 public:
  using CallbackOf::CallbackOf;
  void on_train_begin() override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
  bool acts_on_batches() const override { return false; }
  CallbackState state() const override;
  void load_state(const CallbackState& state) override;

  /// The epochs since training began, those before a checkpoint included.
  const training::History& record() const { return record_; }

 private:
  training::History record_;
};

}  // namespace assay::training::callbacks
