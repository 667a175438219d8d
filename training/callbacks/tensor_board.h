// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/callbacks/callback.h>
#include <assay/training/callbacks/monitor.h>
#include <assay/training/callbacks/save_frequency.h>
#include <assay/training/path.h>
#include <assay/training/tensorboard/event_file.h>

#include <chrono>
#include <map>

namespace assay::training::callbacks {

/// Options of `TensorBoard`.
struct TensorBoardOptions {
  static constexpr auto class_name = "TensorBoard";
  Path log_dir = Path{"logs"};
  std::int64_t histogram_freq = 0;
  bool write_steps_per_second = false;
  SaveFrequency update_freq = {};

  static constexpr auto fields() {
    using O = TensorBoardOptions;
    return assay::fields(
        field("log_dir", &O::log_dir, "The folder that TensorBoard is pointed at."),
        field("histogram_freq", &O::histogram_freq,
              "Epochs from one histogram of every weight to the next; 0: none.", count_from_zero),
        field("write_steps_per_second", &O::write_steps_per_second,
              "Whether the speed of training is logged."),
        field("update_freq", &O::update_freq,
              "Batches from one report inside the epoch to the next; epoch: none.",
              valid_save_frequency));
  }
};

/// Writes what TensorBoard shows, with Keras's folders and tags: `train/` and `validation/` hold
/// epoch_loss, epoch_<metric> and, a batch, batch_<metric>; `train/` also epoch_learning_rate and
/// histograms of the weights. The folder itself gets the configuration as text and, for the
/// hyperparameters plugin, every number, text and boolean in it.
///
/// The step of an epoch's value is the epoch, that of a batch's the number of batches so far. A
/// training that goes on from a checkpoint takes back what came after it.
/// Unlike Keras: no graph, images, embeddings or profile.
/// Errors: c10::Error where a file cannot be written. Source: keras.callbacks.TensorBoard.
class TensorBoard final : public CallbackOf<TensorBoard, TensorBoardOptions> {
 public:
  using CallbackOf::CallbackOf;

  void on_train_begin() override;
  void on_train_end(const Logs& logs) override;
  void on_epoch_begin(std::int64_t epoch) override;
  void on_train_batch_end(std::int64_t batch, const BatchLogs& logs) override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
  bool first_process_only() const override { return true; }
  bool acts_on_batches() const override { return false; }
  CallbackState state() const override;
  void load_state(const CallbackState& state) override;

 private:
  /// The file in a folder under log_dir; "" is log_dir itself.
  tensorboard::EventFile& file(const std::string& folder);
  void describe_run(const Logs& logs);
  void write_histograms(std::int64_t epoch);

  std::map<std::string, tensorboard::EventFile> files_;
  std::chrono::steady_clock::time_point epoch_start_;
  std::int64_t epoch_start_batches_ = 0;
};

}  // namespace assay::training::callbacks
