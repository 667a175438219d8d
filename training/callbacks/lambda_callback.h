// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/callbacks/callback.h>

#include <functional>

namespace assay::training::callbacks {

/// Functions; those that are left out do nothing.
struct LambdaFunctions {
  ///@{
  /// Called when Callback's function of that name is.
  std::function<void(std::int64_t epoch)> on_epoch_begin = {};
  std::function<void(std::int64_t epoch, Logs& logs)> on_epoch_end = {};
  std::function<void()> on_train_begin = {};
  std::function<void(const Logs& logs)> on_train_end = {};
  std::function<void(std::int64_t batch)> on_train_batch_begin = {};
  std::function<void(std::int64_t batch, const BatchLogs& logs)> on_train_batch_end = {};
  ///@}
};

/// A callback of functions. It cannot be made from JSON.
///
///     LambdaCallback({.on_epoch_end = [](std::int64_t epoch, Logs& logs) { ... }})
///
/// Source: keras.callbacks.LambdaCallback.
class LambdaCallback final : public Callback {
 public:
  /// Copies of the functions are called on the thread that trains.
  explicit LambdaCallback(LambdaFunctions functions);

  void on_epoch_begin(std::int64_t epoch) override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
  void on_train_begin() override;
  void on_train_end(const Logs& logs) override;
  void on_train_batch_begin(std::int64_t batch) override;
  void on_train_batch_end(std::int64_t batch, const BatchLogs& logs) override;

  bool acts_on_batches() const override {
    return functions_.on_train_batch_begin || functions_.on_train_batch_end;
  }

  /// Empty: functions have no JSON.
  Json get_config() const override;
  std::string class_name() const override { return "LambdaCallback"; }

 private:
  LambdaFunctions functions_;
};

}  // namespace assay::training::callbacks
