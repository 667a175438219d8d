// SPDX-License-Identifier: Apache-2.0
#include <assay/core/error_text.h>
#include <assay/core/operators/class_hits.h>
#include <assay/core/options/config.h>
#include <assay/core/options/names.h>
#include <assay/metrics/collection.h>
#include <assay/metrics/registry.h>
#include <assay/registry/identifier.h>

#include <algorithm>
#include <numeric>

namespace assay::metrics {
namespace {

struct CollectionConfig {
  static constexpr auto class_name = "MetricCollection";
  Json metrics;
  std::string prefix;
  std::string postfix;

  static constexpr auto fields() {
    using Self = CollectionConfig;
    return assay::fields(field("metrics", &Self::metrics, "A list, or a map of names."),
                         field("prefix", &Self::prefix, "Stands before every name."),
                         field("postfix", &Self::postfix, "Stands behind every name."));
  }
};

std::int64_t numel(const State& state) {
  std::int64_t total = 0;
  for (const auto& variable : state.variables()) total += variable.value.numel();
  return total;
}

// The result's name with the metric's own name, where it begins so, replaced.
std::string renamed(const std::string& result, const Metric& metric, const std::string& name) {
  if (result.starts_with(metric.name())) return name + result.substr(metric.name().size());
  return name + "_" + result;
}

std::string unused_name(const std::string& name, const std::vector<std::string>& used) {
  auto candidate = name;
  for (int i = 1; std::find(used.begin(), used.end(), candidate) != used.end(); ++i) {
    candidate = name + "_" + std::to_string(i);
  }
  return candidate;
}

}  // namespace

MetricCollection::MetricCollection(const std::vector<std::shared_ptr<Metric>>& metrics,
                                   MetricCollectionOptions options)
    : options_(std::move(options)) {
  for (const auto& metric : metrics) {
    TORCH_CHECK_VALUE(metric, "MetricCollection: one of the metrics is missing");
    add(unused_name(metric->name(), names()), metric);
  }
  find_shared_states();
}

MetricCollection::MetricCollection(const std::vector<NamedMetric>& metrics,
                                   MetricCollectionOptions options)
    : options_(std::move(options)) {
  for (const auto& [name, metric] : metrics) add(name, metric);
  find_shared_states();
}

void MetricCollection::add(std::string name, const std::shared_ptr<Metric>& metric) {
  TORCH_CHECK_VALUE(metric, "MetricCollection: the metric '", name, "' is missing");
  for (const auto& entry : entries_) {
    TORCH_CHECK_VALUE(entry.name != name, "MetricCollection: the name '", name, "' is taken");
    TORCH_CHECK_VALUE(entry.metric != metric, "MetricCollection: '", entry.name, "' and '", name,
                      "' are one object; expected one metric each");
  }
  entries_.push_back({.name = std::move(name), .metric = metric});
}

void MetricCollection::find_shared_states() {
  std::vector<SharedCounts> counts;
  std::vector<std::size_t> users;
  for (auto& entry : entries_) {
    entry.metric->reset_state();
    auto own = entry.metric->shared_counts();
    std::size_t i = 0;
    while (i < counts.size() &&
           !(own.metric && counts[i].metric && own.metric->same_configuration(*counts[i].metric))) {
      ++i;
    }
    entry.state = i;
    entry.shared = own.variables;
    if (i == counts.size()) {
      counts.push_back(std::move(own));
      users.push_back(0);
      states_.push_back({.owner = entry.metric, .name = entry.name});
    }
    ++users[i];
  }
  for (auto& entry : entries_) {
    if (users[entry.state] > 1) {
      states_[entry.state].owner = counts[entry.state].metric;
    } else {
      entry.shared.clear();
    }
  }
  share();
}

void MetricCollection::share() {
  for (const auto& entry : entries_) {
    if (!entry.shared.empty()) {
      entry.metric->share_state(*states_[entry.state].owner, entry.shared);
    }
  }
}

MetricCollection MetricCollection::from_config(const Json& config) {
  CollectionConfig parsed;
  if (config.is_object() && config.contains("class_name")) {
    const auto identifier = parse_identifier(config, "MetricCollection");
    TORCH_CHECK_VALUE(identifier.name == CollectionConfig::class_name,
                      "MetricCollection: expected a list or a map of metrics, got the class ",
                      identifier.name);
    return from_config(identifier.config);
  }
  if (config.is_object() && config.contains("metrics")) {
    parsed = options_from<CollectionConfig>(config);
  } else {
    parsed.metrics = config;
  }
  const MetricCollectionOptions options{.prefix = parsed.prefix, .postfix = parsed.postfix};
  if (parsed.metrics.is_array()) {
    std::vector<std::shared_ptr<Metric>> metrics;
    for (const auto& metric : parsed.metrics) metrics.push_back(get(metric));
    return MetricCollection(metrics, options);
  }
  if (!parsed.metrics.is_object()) {
    wrong_value(parsed.metrics, "MetricCollection.metrics", "a list or a map of metrics");
  }
  std::vector<NamedMetric> metrics;
  for (const auto& [name, metric] : parsed.metrics.items()) metrics.emplace_back(name, get(metric));
  return MetricCollection(metrics, options);
}

MetricCollection MetricCollection::from_json(std::string_view text) {
  return from_config(parse_json(text, "MetricCollection"));
}

Json MetricCollection::get_config() const {
  auto metrics = Json::object();
  for (const auto& entry : entries_) metrics[entry.name] = serialize(*entry.metric);
  return {{"metrics", metrics}, {"prefix", options_.prefix}, {"postfix", options_.postfix}};
}

MetricCollection MetricCollection::fresh() const {
  std::vector<NamedMetric> metrics;
  for (const auto& entry : entries_) metrics.emplace_back(entry.name, entry.metric->blank());
  return MetricCollection(metrics, options_);
}

void MetricCollection::change_states(std::vector<std::size_t> which,
                                     const std::function<void(std::size_t)>& change) {
  // The largest state comes last, where no later failure can ask for its old value.
  std::stable_sort(which.begin(), which.end(), [&](std::size_t a, std::size_t b) {
    return numel(states_[a].owner->state()) < numel(states_[b].owner->state());
  });
  std::vector<std::vector<at::Tensor>> before;
  std::size_t changed = 0;
  try {
    for (; changed < which.size(); ++changed) {
      const auto& owner = *states_[which[changed]].owner;
      if (changed + 1 < which.size()) before.push_back(owner.state().snapshot());
      change(which[changed]);
    }
  } catch (...) {
    for (std::size_t i = 0; i < changed; ++i) {
      auto& owner = *states_[which[i]].owner;
      if (before[i].size() < owner.state().size()) {  // made from the data that failed
        owner.reset_state();
      } else {
        owner.set_state(before[i]);
      }
    }
    share();
    throw;
  }
  share();
}

void MetricCollection::change_all_states(const std::function<void(std::size_t)>& change) {
  std::vector<std::size_t> all(states_.size());
  std::iota(all.begin(), all.end(), 0);
  change_states(std::move(all), change);
}

void MetricCollection::update_state(const at::Tensor& y_true, const at::Tensor& y_pred,
                                    const at::Tensor& sample_weight) {
  const SharedArgmax once;
  std::vector<std::function<void()>> prepared;  // cannot fail, and so come last
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (auto addition = states_[i].owner->prepare_update(y_true, y_pred, sample_weight)) {
      prepared.push_back(std::move(addition));
    } else {
      others.push_back(i);
    }
  }
  change_states(std::move(others), [&](std::size_t i) {
    states_[i].owner->update_state(y_true, y_pred, sample_weight);
  });
  for (const auto& add : prepared) add();
}

NamedTensors MetricCollection::results() const {
  NamedTensors results;
  for (const auto& entry : entries_) {
    for (auto& [name, value] : entry.metric->results()) {
      results.emplace_back(
          options_.prefix + renamed(name, *entry.metric, entry.name) + options_.postfix,
          std::move(value));
    }
  }
  return results;
}

void MetricCollection::reset_state() {
  for (const auto& state : states_) state.owner->reset_state();
}

void MetricCollection::merge_state(const std::vector<const MetricCollection*>& others) {
  for (const auto* other : others) {
    TORCH_CHECK_VALUE(other != nullptr, "merge_state: one of the collections is missing");
    TORCH_CHECK_VALUE(other->names() == names(),
                      "merge_state: the collections differ: ", join(names()), " and ",
                      join(other->names()));
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      TORCH_CHECK_VALUE(entries_[i].metric->same_configuration(*other->entries_[i].metric),
                        "merge_state: '", entries_[i].name,
                        "' differs: ", serialize(*entries_[i].metric).dump(), " and ",
                        serialize(*other->entries_[i].metric).dump());
    }
  }
  change_all_states([&](std::size_t i) {
    std::vector<const Metric*> owners;
    for (const auto* other : others) owners.push_back(other->states_[i].owner.get());
    states_[i].owner->merge_state(owners);
  });
}

std::vector<MetricCollection::NamedTensor> MetricCollection::named_variables() const {
  std::vector<NamedTensor> named;
  for (const auto& state : states_) {
    for (const auto& variable : state.owner->state().variables()) {
      named.emplace_back(state.name + "/" + variable.name, variable.value);
    }
  }
  return named;
}

std::vector<std::vector<at::Tensor>> MetricCollection::by_state(
    const std::vector<NamedTensor>& variables) const {
  std::vector<std::vector<at::Tensor>> values(states_.size());
  std::size_t used = 0;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const auto& state = states_[i].owner->state();
    const auto prefix = states_[i].name + "/";
    for (const auto& variable : state.variables()) {
      const auto name = prefix + variable.name;
      const auto bears_it = [&](const auto& named) { return named.first == name; };
      // They come in this order from a collection of the same states.
      const auto next = variables.begin() + static_cast<std::ptrdiff_t>(used + values[i].size());
      const auto found = next < variables.end() && bears_it(*next)
                             ? next
                             : std::find_if(variables.begin(), variables.end(), bears_it);
      TORCH_CHECK_VALUE(found != variables.end(), "the variable '", name, "' is missing");
      values[i].push_back(found->second);
    }
    // A state that is made from data takes what bears its name, in the order given.
    if (!state.is_built()) {
      values[i].clear();
      for (const auto& [name, value] : variables) {
        if (name.starts_with(prefix)) values[i].push_back(value);
      }
    }
    used += values[i].size();
  }
  TORCH_CHECK_VALUE(used == variables.size(), "expected ", used, " variables, got ",
                    variables.size(), "; the metrics are ", join(names()));
  return values;
}

void MetricCollection::load_variables(const std::vector<NamedTensor>& variables) {
  const auto values = by_state(variables);
  change_all_states([&](std::size_t i) {
    if (!values[i].empty()) states_[i].owner->set_state(values[i]);
  });
}

void MetricCollection::merge_variables(const std::vector<NamedTensors>& others) {
  // Where nothing has been seen, nothing is there of a state that is made from data.
  const auto as_new = fresh();
  std::vector<std::vector<std::vector<at::Tensor>>> states(states_.size());
  for (std::size_t rank = 0; rank < others.size(); ++rank) {
    auto values = with_context("the metrics of rank " + std::to_string(rank),
                               [&] { return as_new.by_state(others[rank]); });
    for (std::size_t i = 0; i < values.size(); ++i) states[i].push_back(std::move(values[i]));
  }
  change_all_states([&](std::size_t i) { states_[i].owner->merge_variables(states[i]); });
}

void MetricCollection::to(const at::Device& device) {
  for (const auto& state : states_) state.owner->to(device);
  share();
}

std::vector<std::string> MetricCollection::names() const {
  std::vector<std::string> names;
  for (const auto& entry : entries_) names.push_back(entry.name);
  return names;
}

const Metric& MetricCollection::at(std::string_view name) const {
  for (const auto& entry : entries_) {
    if (entry.name == name) return *entry.metric;
  }
  TORCH_CHECK_VALUE(false, "the collection has no metric '", name, "'.",
                    did_you_mean(name, names()), " It has: ", join(names()));
}

}  // namespace assay::metrics
