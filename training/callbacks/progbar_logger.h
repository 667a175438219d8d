// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/callbacks/callback.h>
#include <assay/training/progress.h>

namespace assay::training::callbacks {

/// Options of `ProgbarLogger`: none.
struct ProgbarLoggerOptions {
  static constexpr auto class_name = "ProgbarLogger";
  static constexpr auto fields() { return assay::fields(); }
};

/// Writes progress to standard output: a bar on a terminal, a line per epoch elsewhere. `fit` adds
/// one by itself, unless it is silent. Source: keras.callbacks.ProgbarLogger.
class ProgbarLogger final : public CallbackOf<ProgbarLogger, ProgbarLoggerOptions> {
 public:
  using CallbackOf::CallbackOf;
  ~ProgbarLogger() override;

  void on_train_begin() override;
  void on_train_end(const Logs& logs) override;
  void on_epoch_begin(std::int64_t epoch) override;
  void on_epoch_resume(std::int64_t epoch, std::int64_t batch) override;
  void on_train_batch_end(std::int64_t batch, const BatchLogs& logs) override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
  void on_test_begin() override;
  void on_test_batch_end(std::int64_t batch, const BatchLogs& logs) override;
  void on_test_end(const Logs& logs) override;
  bool first_process_only() const override { return true; }
  bool acts_on_batches() const override { return false; }

  /// Ends a line that was left unfinished.
  void abandon() noexcept override;

 private:
  void begin(const std::string& label, std::int64_t first_step);

  std::optional<Progress> progress_;
  bool in_fit_ = false;
  std::int64_t done_ = 0;
};

}  // namespace assay::training::callbacks
