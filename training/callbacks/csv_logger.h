// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/callbacks/callback.h>
#include <assay/training/data/relative_paths.h>

namespace assay::training::callbacks {

/// Options of `CSVLogger`.
struct CSVLoggerOptions {
  static constexpr auto class_name = "CSVLogger";
  Path filename = {};
  std::string separator = ",";
  bool append = false;

  static constexpr auto fields() {
    using O = CSVLoggerOptions;
    return assay::fields(
        field("filename", &O::filename, "The file.", given_path),
        field("separator", &O::separator, "What stands between two values.",
              {[](const std::string& text) { return text.size() == 1; }, "one character"}),
        field("append", &O::append, "Whether rows are added to a file that is there."));
  }
};

/// Writes one row per epoch: the epoch, counted from 0, then all values by name; NA where an epoch
/// lacks one. A training that goes on from a checkpoint takes rows back that came after it.
/// Errors: c10::Error where the file cannot be written. Source: keras.callbacks.CSVLogger.
class CSVLogger final : public CallbackOf<CSVLogger, CSVLoggerOptions> {
 public:
  using CallbackOf::CallbackOf;

  void on_train_begin() override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
  bool first_process_only() const override { return true; }
  bool acts_on_batches() const override { return false; }
  CallbackState state() const override;
  void load_state(const CallbackState& state) override;

 private:
  void open(const Logs& logs);
  void write_row(const std::vector<std::string>& cells);

  std::vector<std::string> keys_;
  std::int64_t bytes_ = 0;  // how long the file is
};

}  // namespace assay::training::callbacks
