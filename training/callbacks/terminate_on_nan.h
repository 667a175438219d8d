// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/callbacks/callback.h>

namespace assay::training::callbacks {

/// Options of `TerminateOnNaN`.
struct TerminateOnNaNOptions {
  static constexpr auto class_name = "TerminateOnNaN";
  bool raise_error = false;

  static constexpr auto fields() {
    return assay::fields(
        field("raise_error", &TerminateOnNaNOptions::raise_error,
              "Whether training fails with an error, in place of ending as if it were done."));
  }
};

/// Ends training when the loss is NaN or infinite. Reads the loss after every batch.
/// Errors: c10::Error where `raise_error`. Source: keras.callbacks.TerminateOnNaN.
class TerminateOnNaN final : public CallbackOf<TerminateOnNaN, TerminateOnNaNOptions> {
 public:
  using CallbackOf::CallbackOf;
  void on_train_batch_end(std::int64_t batch, const BatchLogs& logs) override;
};

}  // namespace assay::training::callbacks
