// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/callbacks/callback.h>
#include <assay/training/callbacks/monitor.h>

namespace assay::training::callbacks {

/// Options of `EarlyStopping`.
struct EarlyStoppingOptions {
  static constexpr auto class_name = "EarlyStopping";
  std::string monitor = "val_loss";
  double min_delta = 0;
  std::int64_t patience = 0;
  std::int64_t verbose = 0;
  std::string mode = "auto";
  std::optional<double> baseline = std::nullopt;
  bool restore_best_weights = false;
  std::int64_t start_from_epoch = 0;

  static constexpr auto fields() {
    using O = EarlyStoppingOptions;
    return assay::fields(
        field("monitor", &O::monitor, "The value to watch."),
        field("min_delta", &O::min_delta, "What a change must exceed to be an improvement.",
              finite),
        field("patience", &O::patience, "Epochs without an improvement before the end.",
              count_from_zero),
        field("verbose", &O::verbose, "1: says what it does.", count_from_zero),
        field("mode", &O::mode, "Whether lower (min) or higher (max) is better.", monitor_mode),
        field("baseline", &O::baseline, "What the value must improve on; null: nothing."),
        field("restore_best_weights", &O::restore_best_weights,
              "Whether the weights of the best epoch are restored at the end."),
        field("start_from_epoch", &O::start_from_epoch, "Epochs before it begins to watch.",
              count_from_zero));
  }
};

/// Ends training when a value has not improved for `patience` epochs.
/// Source: keras.callbacks.EarlyStopping.
class EarlyStopping final : public CallbackOf<EarlyStopping, EarlyStoppingOptions> {
 public:
  /// Errors: ValueError for an option out of its range.
  explicit EarlyStopping(Options given = {});

  void on_train_begin() override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
  void on_train_end(const Logs& logs) override;
  bool acts_on_batches() const override { return false; }
  CallbackState state() const override;
  void load_state(const CallbackState& state) override;

  /// The epoch that ended training, or 0.
  std::int64_t stopped_epoch() const { return stopped_epoch_; }

 private:
  void keep_weights(std::int64_t epoch);

  Monitor monitor_;
  std::int64_t wait_ = 0;
  std::int64_t stopped_epoch_ = 0;
  std::int64_t best_epoch_ = 0;
  std::optional<double> best_;
  std::vector<serialization::NamedTensor> best_weights_;
};

}  // namespace assay::training::callbacks
