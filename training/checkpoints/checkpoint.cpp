// SPDX-License-Identifier: Apache-2.0
#include <assay/core/error_text.h>
#include <assay/core/options/field_values.h>
#include <assay/registry/identifier.h>
#include <assay/training/checkpoints/checkpoint.h>
#include <c10/util/Exception.h>

namespace assay::training {
namespace {

using serialization::NamedTensor;
using serialization::SafetensorsFile;

constexpr auto kFileKind = "checkpoint";

void append(std::vector<NamedTensor>& all, const std::string& prefix,
            const std::vector<NamedTensor>& tensors) {
  for (const auto& [name, tensor] : tensors) all.push_back({prefix + name, tensor});
}

std::vector<NamedTensor> with_prefix(const SafetensorsFile& file, const std::string& prefix) {
  std::vector<NamedTensor> tensors;
  for (auto item = file.tensors.lower_bound(prefix);
       item != file.tensors.end() && item->first.starts_with(prefix); ++item) {
    tensors.push_back({item->first.substr(prefix.size()), item->second});
  }
  return tensors;
}

std::string peer_random_name(std::size_t i) { return "random.cpu." + std::to_string(i + 1); }

std::string callback_prefix(std::size_t i) { return "callbacks." + std::to_string(i) + "."; }

Json position_json(const Position& position) {
  return {{"epoch", position.epoch},     {"batch", position.batch}, {"updates", position.updates},
          {"batches", position.batches}, {"seed", position.seed},   {"stopped", position.stopped}};
}

const Json& member(const Json& json, const char* key) {
  TORCH_CHECK_VALUE(json.is_object() && json.contains(key), "'", key, "' is missing");
  return json[key];
}

std::int64_t count_at(const Json& json, const char* key) {
  std::int64_t value = 0;
  assay::read_value(member(json, key), value, key);
  TORCH_CHECK_VALUE(value >= 0, key, ": expected at least 0, got ", value);
  return value;
}

Position position_from(const Json& json) {
  Position position;
  position.epoch = count_at(json, "epoch");
  position.batch = count_at(json, "batch");
  position.updates = count_at(json, "updates");
  position.batches = count_at(json, "batches");
  const auto& seed = member(json, "seed");
  TORCH_CHECK_VALUE(seed.is_number_unsigned(), "seed: expected a whole number");
  position.seed = seed.get<std::uint64_t>();
  assay::read_value(member(json, "stopped"), position.stopped, "stopped");
  return position;
}

Json described(const Checkpoint& checkpoint) {
  auto callbacks = Json::array();
  for (const auto& [class_name, state] : checkpoint.callbacks) {
    callbacks.push_back(
        {{"class_name", class_name}, {"state", state.values ? *state.values : Json(nullptr)}});
  }
  return {{"version", kCheckpointVersion},
          {"position", position_json(checkpoint.position)},
          {"optimizer", checkpoint.optimizer.scalars},
          {"scores", checkpoint.scores_config},
          {"history", checkpoint.history.to_json()},
          {"callbacks", callbacks},
          {"extra", checkpoint.extra}};
}

void read_description(const Json& json, const SafetensorsFile& file, Checkpoint& checkpoint) {
  const auto version = count_at(json, "version");
  TORCH_CHECK_VALUE(version <= kCheckpointVersion, "the checkpoint has version ", version,
                    ", written by a newer assay; this one reads up to ", kCheckpointVersion);
  checkpoint.position = position_from(member(json, "position"));
  checkpoint.optimizer.scalars = member(json, "optimizer");
  checkpoint.scores_config = member(json, "scores");
  checkpoint.history = History::from_json(member(json, "history"));
  checkpoint.extra = member(json, "extra");
  const auto& callbacks = member(json, "callbacks");
  TORCH_CHECK_VALUE(callbacks.is_array(), "callbacks: expected a list");
  for (const auto& item : callbacks) {
    std::string class_name;
    assay::read_value(member(item, "class_name"), class_name, "class_name");
    callbacks::CallbackState state;
    const auto& values = member(item, "state");
    if (!values.is_null()) state.values = std::make_shared<const Json>(values);
    state.tensors = with_prefix(file, callback_prefix(checkpoint.callbacks.size()));
    checkpoint.callbacks.emplace_back(std::move(class_name), std::move(state));
  }
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  std::vector<NamedTensor> tensors = {{"random.cpu", checkpoint.random}};
  for (std::size_t i = 0; i < checkpoint.peer_randoms.size(); ++i) {
    tensors.push_back({peer_random_name(i), checkpoint.peer_randoms[i]});
  }
  append(tensors, "model.", checkpoint.model);
  append(tensors, "gradients.", checkpoint.gradients);
  append(tensors, "optimizer.", checkpoint.optimizer.tensors);
  append(tensors, "scores.", checkpoint.scores);
  append(tensors, "extra.", checkpoint.extra_tensors);
  for (std::size_t i = 0; i < checkpoint.callbacks.size(); ++i) {
    append(tensors, callback_prefix(i), checkpoint.callbacks[i].second.tensors);
  }
  serialization::save_safetensors(
      path, tensors, {{"assay_kind", kFileKind}, {"checkpoint", described(checkpoint).dump()}});
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  const auto file = serialization::load_safetensors(path);
  const auto kind = file.metadata.find("assay_kind");
  const auto description = file.metadata.find("checkpoint");
  TORCH_CHECK_VALUE(kind != file.metadata.end() && kind->second == kFileKind &&
                        description != file.metadata.end(),
                    path.string(), " is no checkpoint of a training",
                    kind == file.metadata.end() ? "" : ": it is a " + kind->second);
  return with_context(path.string(), [&] {
    Checkpoint checkpoint;
    read_description(parse_json(description->second, "its description"), file, checkpoint);
    checkpoint.model = with_prefix(file, "model.");
    checkpoint.gradients = with_prefix(file, "gradients.");
    checkpoint.optimizer.tensors = with_prefix(file, "optimizer.");
    checkpoint.scores = with_prefix(file, "scores.");
    checkpoint.extra_tensors = with_prefix(file, "extra.");
    checkpoint.random = file.at("random.cpu");
    for (std::size_t i = 0; file.tensors.contains(peer_random_name(i)); ++i) {
      checkpoint.peer_randoms.push_back(file.at(peer_random_name(i)));
    }
    return checkpoint;
  });
}

}  // namespace assay::training
