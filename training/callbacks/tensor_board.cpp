// SPDX-License-Identifier: Apache-2.0
#include <assay/training/callbacks/callback-inl.h>
#include <assay/training/callbacks/tensor_board.h>
#include <assay/training/tensorboard/summary.h>
#include <assay/training/trainer.h>

namespace assay::training::callbacks {
namespace {

constexpr std::string_view kValidation = "val_";

// (folder, name without the prefix)
std::pair<std::string, std::string> place_of(const std::string& name) {
  if (!name.starts_with(kValidation)) return {"train", name};
  return {"validation", name.substr(kValidation.size())};
}

}  // namespace

tensorboard::EventFile& TensorBoard::file(const std::string& folder) {
  auto found = files_.find(folder);
  if (found == files_.end()) {
    const auto path = options().log_dir.get() / folder;
    found = files_.emplace(folder, tensorboard::EventFile::create_in(path)).first;
  }
  return found->second;
}

void TensorBoard::on_train_begin() { files_.clear(); }

void TensorBoard::on_epoch_begin(std::int64_t) {
  epoch_start_ = std::chrono::steady_clock::now();
  epoch_start_batches_ = trainer().position().batches;
}

void TensorBoard::on_train_batch_end(std::int64_t, const BatchLogs& logs) {
  const auto step = trainer().position().batches;
  if (options().update_freq.each_epoch() || step % options().update_freq.batches != 0) return;
  for (const auto& [name, value] : logs.all()) {
    file("train").write(step, tensorboard::scalar("batch_" + name, value));
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
    file("train").write(epoch,
                        tensorboard::scalar("epoch_learning_rate", trainer().learning_rate()));
  }
  if (options().write_steps_per_second) {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - epoch_start_;
    const auto batches = trainer().position().batches - epoch_start_batches_;
    file("train").write(epoch, tensorboard::scalar("epoch_steps_per_second",
                                                   static_cast<double>(batches) / seconds.count()));
  }
  if (options().histogram_freq > 0 && epoch % options().histogram_freq == 0) {
    write_histograms(epoch);
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

void TensorBoard::write_histograms(std::int64_t epoch) {
  for (const auto& [name, tensor] : trainer().weights()) {
    if (!tensor.is_floating_point()) continue;
    file("train").write(epoch, tensorboard::histogram(name + "/histogram", tensor));
  }
}

void TensorBoard::on_train_end(const Logs&) {
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
