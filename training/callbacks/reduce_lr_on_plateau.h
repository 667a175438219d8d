// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/callbacks/callback.h>
#include <assay/training/callbacks/monitor.h>

namespace assay::training::callbacks {

/// Options of `ReduceLROnPlateau`.
struct ReduceLROnPlateauOptions {
  static constexpr auto class_name = "ReduceLROnPlateau";
  std::string monitor = "val_loss";
  double factor = 0.1;
  std::int64_t patience = 10;
  std::int64_t verbose = 0;
  std::string mode = "auto";
  double min_delta = 1e-4;
  std::int64_t cooldown = 0;
  double min_lr = 0;

  static constexpr auto fields() {
    using O = ReduceLROnPlateauOptions;
    return assay::fields(
        field("monitor", &O::monitor, "The value to watch."),
        field("factor", &O::factor, "What the learning rate is multiplied by.",
              {[](const double& x) { return x > 0 && x < 1; }, "a number in (0, 1)"}),
        field("patience", &O::patience, "Epochs without an improvement before a reduction.",
              count_from_zero),
        field("verbose", &O::verbose, "1: says what it does.", count_from_zero),
        field("mode", &O::mode, "Whether lower (min) or higher (max) is better.", monitor_mode),
        field("min_delta", &O::min_delta, "What a change must exceed to be an improvement.",
              finite),
        field("cooldown", &O::cooldown, "Epochs after a reduction in which nothing is counted.",
              count_from_zero),
        field("min_lr", &O::min_lr, "Where the learning rate stops.", not_negative));
  }
};

/// Multiplies the learning rate by `factor` when a value has not improved for `patience` epochs,
/// and adds `learning_rate` to the logs. Errors: ValueError where the optimizer follows a schedule.
/// Source: keras.callbacks.ReduceLROnPlateau.
class ReduceLROnPlateau final : public CallbackOf<ReduceLROnPlateau, ReduceLROnPlateauOptions> {
 public:
  /// Errors: ValueError for an option out of its range.
  explicit ReduceLROnPlateau(Options given = {});

  void on_train_begin() override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
  bool acts_on_batches() const override { return false; }
  CallbackState state() const override;
  void load_state(const CallbackState& state) override;

 private:
  bool reduce(std::int64_t epoch);

  Monitor monitor_;
  std::int64_t wait_ = 0;
  std::int64_t cooldown_counter_ = 0;
  std::optional<double> best_;
};

}  // namespace assay::training::callbacks
