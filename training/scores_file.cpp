// SPDX-License-Identifier: Apache-2.0
#include <assay/core/error_text.h>
#include <assay/registry/identifier.h>
#include <assay/serialization/safetensors.h>
#include <assay/training/scores_file.h>

namespace assay::training {
namespace {

constexpr auto kScoresKind = "scores";

// The scores that `Scores::config` describes.
Scores scores_from(const Json& config) {
  std::vector<LossArgument> losses;
  std::vector<double> weights;
  for (const auto& entry : config.at("losses")) {
    losses.emplace_back(entry.at("loss"));
    weights.push_back(entry.at("weight").get<double>());
  }
  std::vector<MetricArgument> metrics;
  std::vector<MetricArgument> weighted_metrics;
  for (const auto& entry : config.at("metrics")) {
    auto& list = entry.at("weighted").get<bool>() ? weighted_metrics : metrics;
    list.emplace_back(entry.at("metric"));
  }
  return Scores(LossArguments(std::move(losses)), std::move(weights), metrics, weighted_metrics);
}

}  // namespace

void save_scores(const std::filesystem::path& path, const Scores& scores) {
  serialization::save_safetensors(
      path, scores.state(), {{"assay_kind", kScoresKind}, {"config", scores.config().dump()}});
}

Logs restored_scores(const std::filesystem::path& path) {
  const auto file = serialization::load_safetensors(path);
  const auto kind = file.metadata.find("assay_kind");
  const auto text = file.metadata.find("config");
  TORCH_CHECK_VALUE(
      kind != file.metadata.end() && kind->second == kScoresKind && text != file.metadata.end(),
      path.string(), " holds no losses and metrics");
  return with_context(path.string(), [&] {
    const auto config = parse_json(text->second, "its configuration");
    auto scores = scores_from(config);
    std::vector<serialization::NamedTensor> state;
    for (const auto& [name, tensor] : file.tensors) state.push_back({name, tensor});
    scores.check_state(config, state);
    scores.load_state(state);
    return scores.read();
  });
}

}  // namespace assay::training
