// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/names.h>
#include <assay/serialization/atomic_file.h>
#include <assay/training/callbacks/callback-inl.h>
#include <assay/training/callbacks/model_checkpoint.h>
#include <assay/training/trainer.h>

#include <cstdio>
#include <iostream>
#include <regex>

namespace assay::training::callbacks {
namespace {

std::string formatted(double value, const std::string& format, const std::string& pattern) {
  static const std::regex integer("(0?)([0-9]{0,2})d");
  static const std::regex decimal("\\.([0-9]{1,2})f");
  std::smatch match;
  char text[512];
  if (std::regex_match(format, match, integer)) {
    const int width = match[2].length() > 0 ? std::stoi(match[2]) : 0;
    std::snprintf(text, sizeof text, match[1].length() > 0 ? "%0*lld" : "%*lld", width,
                  static_cast<long long>(value));
  } else if (std::regex_match(format, match, decimal)) {
    std::snprintf(text, sizeof text, "%.*f", std::stoi(match[1]), value);
  } else {
    TORCH_CHECK_VALUE(false, "ModelCheckpoint.filepath: '", pattern, "' has the format '", format,
                      "'; expected one such as 02d or .3f");
  }
  return text;
}

}  // namespace

std::string format_path(const std::string& pattern, const Logs& values) {
  static const std::regex placeholder("\\{([^{}:]*)(:([^{}]*))?\\}");
  std::string path;
  auto rest = pattern.cbegin();
  std::smatch match;
  while (std::regex_search(rest, pattern.cend(), match, placeholder)) {
    const auto name = match[1].str();
    const auto value = values.find(name);
    TORCH_CHECK_VALUE(value, "ModelCheckpoint.filepath: there is no value '", name, "'.",
                      did_you_mean(name, values.names()), " Known: ", join(values.names()));
    path.append(rest, match[0].first);
    const bool counts = name == "epoch" || name == "batch";
    if (match[3].matched || counts) {
      path += formatted(*value, match[3].matched ? match[3].str() : "d", pattern);
    } else {
      path += Json(*value).dump();
    }
    rest = match[0].second;
  }
  return path.append(rest, pattern.cend());
}

ModelCheckpoint::ModelCheckpoint(Options given)
    : CallbackOf(std::move(given)),
      monitor_("ModelCheckpoint", options().monitor, options().mode, 0),
      best_(options().initial_value_threshold) {}

void ModelCheckpoint::on_train_begin() {
  batches_ = 0;
  saved_.clear();
  const auto folder = options().filepath.get().parent_path();
  // A folder whose name has placeholders is not known yet.
  if (folder.string().find('{') != std::string::npos) return;
  serialization::remove_stale_temporaries(folder.empty() ? "." : folder);
}

void ModelCheckpoint::on_train_batch_end(std::int64_t batch, const BatchLogs& logs) {
  if (options().save_freq.each_epoch() || ++batches_ < options().save_freq.batches) return;
  batches_ = 0;
  save(batch, logs.all());
}

void ModelCheckpoint::on_epoch_end(std::int64_t epoch, Logs& logs) {
  if (options().save_freq.each_epoch()) save(std::nullopt, logs);
}

bool ModelCheckpoint::is_wanted(const Logs& logs, const std::string& path) {
  const auto say = [&](const std::string& text) {
    if (options().verbose > 0) std::cout << "Epoch " << epoch_ + 1 << ": " << text << '\n';
  };
  if (options().save_best_only) {
    const auto current = monitor_.value(logs);
    if (current && !monitor_.improves(trainer(), *current, best_)) {
      say(monitor_.name() + " did not improve from " + std::to_string(*best_));
      return false;
    }
    if (current) best_ = current;
  }
  say("saving " + path);
  return true;
}

void ModelCheckpoint::save(std::optional<std::int64_t> batch, const Logs& logs) {
  Logs values = {{"epoch", static_cast<double>(epoch_ + 1)}};
  if (batch) values.set("batch", static_cast<double>(*batch + 1));
  for (const auto& [name, value] : logs) values.set(name, value);
  const auto text = format_path(options().filepath.value, values);
  if (!is_wanted(logs, text)) return;
  const std::filesystem::path path = text;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
  if (options().max_to_keep) {
    // Names from the folder on: a run that is moved goes on in its new place.
    const auto name = path.lexically_relative(options().filepath.get().parent_path()).string();
    std::erase(saved_, name);
    saved_.push_back(name);
  }
  if (options().save_weights_only) {
    trainer().save_weights(path);
    forget_old_files();
  } else {
    trainer().checkpoint_after_callbacks(path, [this] { forget_old_files(); });
  }
}

// Only once the newest is on the disk.
void ModelCheckpoint::forget_old_files() {
  if (!options().max_to_keep) return;
  while (std::ssize(saved_) > *options().max_to_keep) {
    const auto path = options().filepath.get().parent_path() / saved_.front();
    std::filesystem::remove(path.lexically_normal());
    saved_.erase(saved_.begin());
  }
}

CallbackState ModelCheckpoint::state() const {
  return {std::make_shared<const Json>(
              Json{{"best", optional_json(best_)}, {"batches", batches_}, {"saved", saved_}}),
          {}};
}

void ModelCheckpoint::load_state(const CallbackState& state) {
  const auto best = optional_from(state.values->at("best"), "ModelCheckpoint.best");
  std::int64_t batches = 0;
  assay::read_value(state.values->at("batches"), batches, "ModelCheckpoint.batches");
  std::vector<std::string> saved;
  assay::read_value(state.values->at("saved"), saved, "ModelCheckpoint.saved");
  best_ = best;
  batches_ = batches;
  saved_ = std::move(saved);
}

template class CallbackOf<ModelCheckpoint, ModelCheckpointOptions>;

void register_model_checkpoint(CallbackRegistry& registry) { registry.add<ModelCheckpoint>(); }

}  // namespace assay::training::callbacks
