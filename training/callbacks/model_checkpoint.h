// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/callbacks/callback.h>
#include <assay/training/callbacks/monitor.h>
#include <assay/training/callbacks/save_frequency.h>
#include <assay/training/data/relative_paths.h>

namespace assay::training::callbacks {

/// Options of `ModelCheckpoint`.
struct ModelCheckpointOptions {
  static constexpr auto class_name = "ModelCheckpoint";
  Path filepath = {};
  std::string monitor = "val_loss";
  std::int64_t verbose = 0;
  bool save_best_only = false;
  bool save_weights_only = false;
  std::string mode = "auto";
  SaveFrequency save_freq = {};
  std::optional<double> initial_value_threshold = std::nullopt;
  std::optional<std::int64_t> max_to_keep = std::nullopt;

  static constexpr auto fields() {
    using O = ModelCheckpointOptions;
    return assay::fields(
        field("filepath", &O::filepath,
              "The file; {epoch}, {batch} and the names of values stand for their values, as in "
              "model-{epoch:02d}-{val_loss:.2f}.safetensors.",
              {[](const Path& path) { return path.value.ends_with(".safetensors"); },
               "a path that ends with .safetensors"}),
        field("monitor", &O::monitor, "The value that tells which model is best."),
        field("verbose", &O::verbose, "1: says what it does.", count_from_zero),
        field("save_best_only", &O::save_best_only, "Whether a worse model is not saved."),
        field("save_weights_only", &O::save_weights_only,
              "Whether weights alone are saved, under their plain names; else a checkpoint that "
              "training can go on from."),
        field("mode", &O::mode, "Whether lower (min) or higher (max) is better.", monitor_mode),
        field("save_freq", &O::save_freq, "epoch, or a number of batches.", valid_save_frequency),
        field("initial_value_threshold", &O::initial_value_threshold,
              "What the first model must improve on; null: nothing."),
        field("max_to_keep", &O::max_to_keep,
              "How many of the files that it wrote last stay; null: all.", count_or_null)
            .beyond_keras());
  }
};

/// Saves the model, or what training can go on from, as it trains.
/// Errors: ValueError for a name in `filepath` that is no value.
/// Source: keras.callbacks.ModelCheckpoint, whose files are .keras and .weights.h5; max_to_keep is
/// keras.callbacks.OrbaxCheckpoint's.
class ModelCheckpoint final : public CallbackOf<ModelCheckpoint, ModelCheckpointOptions> {
 public:
  /// Errors: ValueError for an option out of its range.
  explicit ModelCheckpoint(Options given = {});

  void on_train_begin() override;
  void on_epoch_begin(std::int64_t epoch) override { epoch_ = epoch; }
  void on_epoch_resume(std::int64_t epoch, std::int64_t batch) override { epoch_ = epoch; }
  void on_train_batch_end(std::int64_t batch, const BatchLogs& logs) override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
  bool first_process_only() const override { return true; }
  bool acts_on_batches() const override { return !options().save_freq.each_epoch(); }
  CallbackState state() const override;
  void load_state(const CallbackState& state) override;

 private:
  void save(std::optional<std::int64_t> batch, const Logs& logs);
  void forget_old_files();
  bool is_wanted(const Logs& logs, const std::string& path);

  Monitor monitor_;
  std::optional<double> best_;
  std::int64_t epoch_ = 0;
  std::int64_t batches_ = 0;        // since the last one was saved
  std::vector<std::string> saved_;  // the files that stay, the latest last
};

/// The pattern with {name}, {name:02d} and {name:.3f} replaced by values.
/// Errors: ValueError for a name that is no value, or a format that is none of these.
std::string format_path(const std::string& pattern, const Logs& values);

}  // namespace assay::training::callbacks
