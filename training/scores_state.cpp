// SPDX-License-Identifier: Apache-2.0
// The running state of losses and metrics, to a checkpoint and back.
#include <ATen/ATen.h>
#include <assay/core/error_text.h>
#include <assay/core/shapes.h>
#include <assay/distributed/metrics.h>
#include <assay/losses/registry.h>
#include <assay/metrics/registry.h>
#include <assay/registry/identifier.h>
#include <assay/training/scores.h>

#include <algorithm>
#include <map>

namespace assay::training {
namespace {

using serialization::NamedTensor;
using StateMap = std::map<std::string, at::Tensor>;

StateMap by_name(const std::vector<NamedTensor>& state) {
  StateMap map;
  for (const auto& [name, tensor] : state) map.emplace(name, tensor);
  return map;
}

const at::Tensor& tensor_at(const StateMap& state, const std::string& name) {
  const auto found = state.find(name);
  TORCH_CHECK_VALUE(found != state.end(), "the checkpoint lacks '", name, "'");
  return found->second;
}

void check_like(const StateMap& state, const std::string& name, const at::Tensor& own) {
  const auto& tensor = tensor_at(state, name);
  TORCH_CHECK_VALUE(tensor.sizes() == own.sizes() && tensor.scalar_type() == own.scalar_type(), "'",
                    name, "' in the checkpoint is ", describe(tensor), "; expected ",
                    describe(own));
}

// The values of one metric: "metrics.2.accuracy.total", numbered where names are not known yet.
std::vector<at::Tensor> metric_values(const StateMap& state, const std::string& prefix) {
  std::vector<at::Tensor> values;
  for (std::size_t i = 0;; ++i) {
    const auto found = state.find(prefix + std::to_string(i));
    if (found == state.end()) return values;
    values.push_back(found->second);
  }
}

constexpr auto kConfig = "config";

Json config_in(const StateMap& state) {
  const auto& bytes = tensor_at(state, kConfig);
  const auto* text = reinterpret_cast<const char*>(bytes.const_data_ptr<std::uint8_t>());
  return parse_json({text, static_cast<std::size_t>(bytes.numel())}, "the configuration");
}

bool knows_all_forms(const Json& config) {
  const auto known = [](const Json& list, const char* key) {
    return std::none_of(list.begin(), list.end(),
                        [key](const auto& entry) { return entry.at(key).is_null(); });
  };
  return known(config.at("losses"), "loss") && known(config.at("metrics"), "metric");
}

std::string metric_prefix(const std::string& log_name) { return "metrics." + log_name + "."; }

// States of one metric by rank, for the message where they do not fit each other. Those of ranks
// without data have fewer variables.
void check_alike(const std::string& name, const std::vector<std::vector<at::Tensor>>& states) {
  std::vector<metrics::NamedTensors> named(states.size());
  for (std::size_t rank = 0; rank < states.size(); ++rank) {
    const auto count = std::to_string(states[rank].size());
    for (std::size_t i = 0; i < states[rank].size(); ++i) {
      named[rank].emplace_back(name + " (variable " + std::to_string(i + 1) + " of " + count + ")",
                               states[rank][i]);
    }
  }
  distributed::check_alike(named);
}

}  // namespace

Json Scores::config() const {
  Json config = {{"losses", Json::array()}, {"metrics", Json::array()}};
  for (const auto& entry : losses_) {
    Json json = {{"name", entry.name}, {"weight", entry.weight}, {"loss", nullptr}};
    if (entry.loss) json["loss"] = losses::serialize(*entry.loss);
    config["losses"].push_back(std::move(json));
  }
  for (const auto& entry : metrics_) {
    Json json = {{"name", entry.log_name}, {"weighted", entry.weighted}, {"metric", nullptr}};
    if (entry.metric) json["metric"] = metrics::serialize(*entry.metric);
    config["metrics"].push_back(std::move(json));
  }
  return config;
}

std::vector<NamedTensor> Scores::state() const {
  std::vector<NamedTensor> state = {{"losses.totals", loss_totals_}, {"losses.rows", rows_}};
  for (const auto& entry : metrics_) {
    if (!entry.metric) continue;
    std::size_t i = 0;
    for (const auto& value : entry.metric->variables()) {
      state.push_back({metric_prefix(entry.log_name) + std::to_string(i++), value.clone()});
    }
  }
  state[0].tensor = loss_totals_.clone();
  state[1].tensor = rows_.clone();
  return state;
}

void Scores::check_state(const Json& config, const std::vector<NamedTensor>& state) {
  const auto tensors = by_name(state);
  check_like(tensors, "losses.totals", loss_totals_);
  check_like(tensors, "losses.rows", rows_);
  const bool comparable =
      config.is_object() && config.contains("metrics") && config["metrics"].is_array() &&
      config.contains("losses") && config["losses"].is_array() &&
      config["metrics"].size() == metrics_.size() && config["losses"].size() == losses_.size();
  TORCH_CHECK_VALUE(comparable, "the checkpoint was made with other losses or metrics");

  auto metrics = metrics_;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const auto& theirs = config["metrics"][i];
    TORCH_CHECK_VALUE(theirs.is_object() && theirs.contains("name") &&
                          theirs["name"] == metrics[i].log_name && theirs.contains("metric"),
                      "the checkpoint was made with other metrics: metric ", i, " is '",
                      metrics[i].log_name, "' here and ", theirs.dump(), " there");
    auto& metric = metrics[i].metric;
    if (!metric && !theirs["metric"].is_null()) metric = metrics::get(theirs["metric"]);
    if (!metric) continue;
    TORCH_CHECK_VALUE(metrics::serialize(*metric) == theirs["metric"], "the metric '",
                      metrics[i].log_name,
                      "' has another configuration in the checkpoint: ", theirs["metric"].dump());
    metric->fresh()->set_state(metric_values(tensors, metric_prefix(metrics[i].log_name)));
  }
  auto losses = losses_;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const auto& theirs = config["losses"][i];
    const bool known = theirs.is_object() && theirs.contains("loss");
    TORCH_CHECK_VALUE(known, "the checkpoint's losses are unreadable");
    if (!losses[i].loss && !theirs["loss"].is_null()) losses[i].loss = losses::get(theirs["loss"]);
  }
  metrics_ = std::move(metrics);
  losses_ = std::move(losses);
}

metrics::NamedTensors Scores::packed() const {
  const auto text = config().dump();
  metrics::NamedTensors tensors = {
      {kConfig,
       at::tensor(at::ArrayRef(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()),
                  at::kByte)}};
  for (const auto& [name, tensor] : state()) tensors.emplace_back(name, tensor);
  return tensors;
}

void Scores::merge(const std::vector<metrics::NamedTensors>& all, const at::Device& device) {
  std::vector<StateMap> states;
  at::Tensor checked;
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    std::vector<NamedTensor> state;
    for (const auto& [name, tensor] : all[rank]) state.push_back({name, tensor});
    states.push_back(by_name(state));
    // A process without data may not know the forms that depend on shapes.
    const auto& text = tensor_at(states.back(), kConfig);
    if (checked.defined() && text.equal(checked)) continue;
    const auto config = config_in(states.back());
    if (knows_all_forms(config)) {
      checked = text;
      with_context("what rank " + std::to_string(rank) + " has seen",
                   [&] { check_state(config, state); });
    }
  }
  auto totals = at::zeros(loss_totals_.sizes(), loss_totals_.options().device(device));
  auto rows = at::zeros_like(rows_);
  for (const auto& state : states) {
    totals.add_(tensor_at(state, "losses.totals").to(device));
    rows.add_(tensor_at(state, "losses.rows"));
  }
  for (auto& entry : metrics_) {
    if (!entry.metric) continue;
    std::vector<std::vector<at::Tensor>> values;
    for (const auto& state : states) {
      values.push_back(metric_values(state, metric_prefix(entry.log_name)));
    }
    check_alike(entry.log_name, values);
    entry.metric->reset_state();
    entry.metric->merge_variables(values);
    entry.metric->to(device);
  }
  loss_totals_ = std::move(totals);
  rows_ = std::move(rows);
}

void Scores::load_state(const std::vector<NamedTensor>& state) {
  const auto tensors = by_name(state);
  loss_totals_ = tensor_at(tensors, "losses.totals").to(loss_totals_.device()).clone();
  rows_ = tensor_at(tensors, "losses.rows").clone();
  for (auto& entry : metrics_) {
    if (!entry.metric) continue;
    const auto values = metric_values(tensors, metric_prefix(entry.log_name));
    if (values.empty()) {
      entry.metric->reset_state();
    } else {
      entry.metric->set_state(values);
    }
  }
}

}  // namespace assay::training
