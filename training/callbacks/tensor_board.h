// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/callbacks/callback.h>
#include <assay/training/callbacks/embeddings_metadata.h>
#include <assay/training/callbacks/monitor.h>
#include <assay/training/callbacks/profiled_batches.h>
#include <assay/training/callbacks/update_frequency.h>
#include <assay/training/path.h>
#include <assay/training/tensorboard/event_file.h>
#include <assay/training/tensorboard/profile.h>
#include <assay/training/tensorboard/projector.h>

#include <chrono>
#include <map>
#include <memory>

namespace assay::training::callbacks {

/// Options of `TensorBoard`.
struct TensorBoardOptions {
  static constexpr auto class_name = "TensorBoard";
  Path log_dir = Path{"logs"};
  std::int64_t histogram_freq = 0;
  bool write_graph = true;
  bool write_images = false;
  bool write_steps_per_second = false;
  UpdateFrequency update_freq = {};
  ProfiledBatches profile_batch = {};
  std::int64_t embeddings_freq = 0;
  EmbeddingsMetadata embeddings_metadata = {};

  static constexpr auto fields() {
    using O = TensorBoardOptions;
    return assay::fields(
        field("log_dir", &O::log_dir, "The folder that TensorBoard is pointed at."),
        field("histogram_freq", &O::histogram_freq,
              "Epochs from one histogram of every weight to the next; 0: none.", count_from_zero),
        field("write_graph", &O::write_graph, "Whether the graph of the model is written."),
        field("write_images", &O::write_images,
              "Whether weights are shown as images too, each time as histograms."),
        field("write_steps_per_second", &O::write_steps_per_second,
              "Whether the speed of training is logged."),
        field("update_freq", &O::update_freq,
              "Batches from one report inside the epoch to the next; batch: 1, epoch: none.",
              valid_update_frequency),
        field("profile_batch", &O::profile_batch,
              "The batch of a fit, counted from 1, that LibTorch's profiler records; or the first "
              "and the last of several.",
              valid_profiled_batches),
        field("embeddings_freq", &O::embeddings_freq,
              "Epochs from one writing of embedding layers for the projector to the next; 0: none.",
              count_from_zero),
        field("embeddings_metadata", &O::embeddings_metadata,
              "The file in log_dir that names the rows of embedding layers, one a line; or such "
              "files by the layers' names."));
  }
};

/// Writes what TensorBoard shows, with Keras's folders and tags: `train/` and `validation/` hold
/// epoch_loss, epoch_<metric> and, a batch, batch_<metric>; `train/` also epoch_learning_rate,
/// the weights as histograms and images (tensorboard/weight_images.h), the graph of the model
/// (tensorboard/model_graph.h) and the profile of some batches (tensorboard/profile.h). The folder
/// itself gets the configuration as text and, for the hyperparameters plugin, every number, text
/// and boolean in it; for the projector, the embedding layers as they last were
/// (tensorboard/projector.h).
///
/// The step of an epoch's value is the epoch, that of a batch's the number of batches so far. A
/// training that goes on from a checkpoint takes back what came after it.
/// Errors: ValueError before the first epoch where embeddings_metadata names a layer that is no
/// embedding, and where something else profiles the batches of profile_batch; c10::Error where a
/// file cannot be written. Source: keras.callbacks.TensorBoard.
class TensorBoard final : public CallbackOf<TensorBoard, TensorBoardOptions> {
 public:
  using CallbackOf::CallbackOf;

  void on_train_begin() override;
  void on_train_end(const Logs& logs) override;
  void on_epoch_begin(std::int64_t epoch) override;
  void on_epoch_resume(std::int64_t epoch, std::int64_t batch) override;
  void on_train_batch_begin(std::int64_t batch) override;
  void on_train_batch_end(std::int64_t batch, const BatchLogs& logs) override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
  void abandon() noexcept override;
  bool first_process_only() const override { return true; }
  bool acts_on_batches() const override { return false; }
  CallbackState state() const override;
  void load_state(const CallbackState& state) override;

 private:
  /// The file in a folder under log_dir; "" is log_dir itself.
  tensorboard::EventFile& file(const std::string& folder);
  void describe_run(const Logs& logs);
  /// The embedding layers with their metadata. Errors: ValueError as above.
  std::vector<tensorboard::Embedding> embeddings() const;
  void write_weights(std::int64_t epoch);
  void save_profile();

  std::map<std::string, tensorboard::EventFile> files_;
  std::chrono::steady_clock::time_point epoch_start_;
  std::chrono::steady_clock::time_point batch_start_;
  std::int64_t epoch_start_batches_ = 0;
  std::int64_t fit_batches_ = 0;  // those that this fit has begun
  std::unique_ptr<tensorboard::Profile> profile_;
};

}  // namespace assay::training::callbacks
