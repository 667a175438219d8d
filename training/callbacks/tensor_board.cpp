// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/names.h>
#include <assay/training/callbacks/callback-inl.h>
#include <assay/training/callbacks/tensor_board.h>
#include <assay/training/tensorboard/model_graph.h>
#include <assay/training/tensorboard/summary.h>
#include <assay/training/tensorboard/weight_images.h>
#include <assay/training/trainer.h>

#include <algorithm>

namespace assay::training::callbacks {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kTrain = "train";
constexpr std::string_view kValidation = "val_";

// (folder, name without the prefix)
std::pair<std::string, std::string> place_of(const std::string& name) {
  if (!name.starts_with(kValidation)) return {kTrain, name};
  return {"validation", name.substr(kValidation.size())};
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

tensorboard::EventFile& TensorBoard::file(const std::string& folder) {
  auto found = files_.find(folder);
  if (found == files_.end()) {
    const auto path = options().log_dir.get() / folder;
    found = files_.emplace(folder, tensorboard::EventFile::create_in(path)).first;
    if (folder == kTrain && options().write_graph) {
      found->second.write_graph(tensorboard::model_graph(trainer().model().module()));
    }
  }
  return found->second;
}

void TensorBoard::on_train_begin() {
  files_.clear();
  fit_batches_ = 0;
  if (options().embeddings_freq > 0) embeddings();  // wrong names are found before the training
}

void TensorBoard::on_epoch_begin(std::int64_t) {
  if (options().write_graph) file(kTrain);  // so that it is there while the first epoch runs
  epoch_start_ = Clock::now();
  epoch_start_batches_ = trainer().position().batches;
}

void TensorBoard::on_epoch_resume(std::int64_t epoch, std::int64_t) { on_epoch_begin(epoch); }

void TensorBoard::on_train_batch_begin(std::int64_t) {
  batch_start_ = Clock::now();
  ++fit_batches_;
  if (!options().profile_batch.none() && fit_batches_ == options().profile_batch.first) {
    const auto weights = trainer().weights();
    profile_ = std::make_unique<tensorboard::Profile>(
        weights.empty() ? at::Device(at::kCPU) : weights.front().tensor.device());
  }
  if (profile_) profile_->begin_step(fit_batches_);
}

void TensorBoard::on_train_batch_end(std::int64_t, const BatchLogs& logs) {
  const auto step = trainer().position().batches;
  const auto seconds = seconds_since(batch_start_);
  if (profile_) {
    profile_->end_step();
    if (fit_batches_ >= options().profile_batch.last) save_profile();
  }
  if (options().update_freq.each_epoch() || step % options().update_freq.batches != 0) return;
  for (const auto& [name, value] : logs.all()) {
    file(kTrain).write(step, tensorboard::scalar("batch_" + name, value));
  }
  if (options().write_steps_per_second) {
    file(kTrain).write(step, tensorboard::scalar("batch_steps_per_second", 1 / seconds));
  }
}

void TensorBoard::on_epoch_end(std::int64_t epoch, Logs& logs) {
  if (!files_.contains("")) describe_run(logs);
  for (const auto& [name, value] : logs) {
    const auto [folder, tag] = place_of(name);
    file(folder).write(epoch, tensorboard::scalar("epoch_" + tag, value));
    if (folder == "validation" && !options().update_freq.each_epoch()) {
      file(folder).write(trainer().position().batches,
                         tensorboard::scalar("evaluation_" + tag + "_vs_iterations", value));
    }
  }
  if (!logs.find("learning_rate")) {
    file(kTrain).write(epoch,
                       tensorboard::scalar("epoch_learning_rate", trainer().learning_rate()));
  }
  if (options().write_steps_per_second) {
    const auto batches = trainer().position().batches - epoch_start_batches_;
    const auto speed = static_cast<double>(batches) / seconds_since(epoch_start_);
    file(kTrain).write(epoch, tensorboard::scalar("epoch_steps_per_second", speed));
  }
  if (options().histogram_freq > 0 && epoch % options().histogram_freq == 0) {
    write_weights(epoch);
  }
  if (options().embeddings_freq > 0 && epoch % options().embeddings_freq == 0) {
    tensorboard::write_embeddings(options().log_dir.get(), embeddings());
  }
}

void TensorBoard::describe_run(const Logs& logs) {
  if (!parameters().configuration) return;
  const auto& configuration = *parameters().configuration;
  auto& run = file("");
  run.write(0, tensorboard::text("configuration", "```json\n" + configuration.dump(2) + "\n```"));
  const auto values = tensorboard::flattened(configuration);
  std::vector<tensorboard::MetricTag> metrics;
  for (const auto& name : logs.names()) {
    const auto [folder, tag] = place_of(name);
    metrics.emplace_back(folder, "epoch_" + tag);
  }
  run.write(0, tensorboard::hyperparameters_experiment(values, metrics));
  run.write(0, tensorboard::hyperparameters_start(values, options().log_dir.value));
}

void TensorBoard::write_weights(std::int64_t epoch) {
  for (const auto& [name, tensor] : trainer().weights()) {
    if (!tensor.is_floating_point()) continue;
    file(kTrain).write(epoch, tensorboard::histogram(name + "/histogram", tensor));
    if (!options().write_images) continue;
    if (const auto pixels = tensorboard::weight_images(tensor); pixels.defined()) {
      file(kTrain).write(epoch, tensorboard::images(name + "/image", pixels));
    }
  }
}

std::vector<tensorboard::Embedding> TensorBoard::embeddings() const {
  const auto& metadata = options().embeddings_metadata;
  auto embeddings = tensorboard::embeddings_of(trainer().model().module());
  std::vector<std::string> names;
  for (auto& embedding : embeddings) {
    names.push_back(embedding.layer);
    embedding.metadata = metadata.file_of(embedding.layer);
  }
  for (const auto& [name, file] : metadata.files) {
    TORCH_CHECK_VALUE(std::find(names.begin(), names.end(), name) != names.end(),
                      "TensorBoard.embeddings_metadata: '", name,
                      "' is no embedding layer of the model.", did_you_mean(name, names),
                      " Embedding layers: ", names.empty() ? "none" : join(names));
  }
  return embeddings;
}

void TensorBoard::save_profile() {
  profile_->save(options().log_dir.get() / kTrain);
  profile_.reset();
}

void TensorBoard::abandon() noexcept { profile_.reset(); }

void TensorBoard::on_train_end(const Logs&) {
  if (profile_) save_profile();  // the training was shorter than the batches to profile
  if (files_.contains("")) file("").write(0, tensorboard::hyperparameters_end());
}

CallbackState TensorBoard::state() const {
  Json files = Json::object();
  for (const auto& [folder, file] : files_) {
    files[folder] = {{"file", file.path().filename().string()}, {"bytes", file.bytes()}};
  }
  return {std::make_shared<const Json>(std::move(files)), {}};
}

void TensorBoard::load_state(const CallbackState& state) {
  std::map<std::string, tensorboard::EventFile> files;
  for (const auto& item : state.values->items()) {
    std::string name;
    std::int64_t bytes = 0;
    assay::read_value(item.value().at("file"), name, "TensorBoard.file");
    assay::read_value(item.value().at("bytes"), bytes, "TensorBoard.bytes");
    files.emplace(item.key(), tensorboard::EventFile::go_on(
                                  options().log_dir.get() / item.key() / name, bytes));
  }
  files_ = std::move(files);
}

template class CallbackOf<TensorBoard, TensorBoardOptions>;

void register_tensor_board(CallbackRegistry& registry) { registry.add<TensorBoard>(); }

}  // namespace assay::training::callbacks
