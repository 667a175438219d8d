// SPDX-License-Identifier: Apache-2.0
// Several metrics, updated together.
#pragma once
#include <assay/metrics/metric.h>
#include <assay/metrics/named_tensors.h>

#include <functional>
#include <string_view>

namespace assay::metrics {

/// Options of `MetricCollection`.
struct MetricCollectionOptions {
  std::string prefix = "";   ///< Stands before the name of every result.
  std::string postfix = "";  ///< Stands behind it.
};

/// Metrics by name, in order, each of which sees every batch.
///
///     metrics::MetricCollection scores({metrics::get("precision"), metrics::get("recall"),
///                                       metrics::get("auc")}, {.prefix = "val_"});
///     scores.update_state(y_true, y_pred);
///     for (const auto& [name, value] : scores.results()) ...   // val_precision and so on
///     scores.results().at("val_auc").item<double>();
///
/// Metrics that are functions of the same counts (Precision and Recall at one threshold, the areas
/// and curves at the same thresholds) share one state, which is updated once; each still shows its
/// own variables. A metric joins with a fresh state, and is from then on updated by the collection
/// alone. A failed update, merge or load throws ValueError and leaves every metric as it was.
///
/// In JSON: a list of metrics (a name that occurs again gets _1, _2 .. behind it), a map of names
/// to metrics, or {"metrics": list or map, "prefix": .., "postfix": ..}. A metric is what
/// `metrics::get` takes.
/// Source: torchmetrics.MetricCollection; keras.src.trainers.compile_utils.CompileMetrics.
class MetricCollection {
 public:
  /// A metric and what it is called here.
  using NamedMetric = std::pair<std::string, std::shared_ptr<Metric>>;
  /// A tensor of the states and its name.
  using NamedTensor = NamedTensors::value_type;

  /// Metrics under their own names. Errors: ValueError where one is null or stands there twice.
  explicit MetricCollection(const std::vector<std::shared_ptr<Metric>>& metrics,
                            MetricCollectionOptions options = {});
  /// Metrics under other names. Errors: as above, and where a name stands there twice.
  explicit MetricCollection(const std::vector<NamedMetric>& metrics,
                            MetricCollectionOptions options = {});

  ///@{
  /// The metrics move along; what they moved from is not to be used.
  MetricCollection(MetricCollection&&) = default;
  MetricCollection& operator=(MetricCollection&&) = default;
  ///@}

  /// A collection from JSON of one of the shapes above, or {"class_name", "config"} of one.
  /// Errors: ValueError that names what is wrong where.
  static MetricCollection from_config(const Json& config);
  /// The same from JSON text.
  static MetricCollection from_json(std::string_view text);

  /// {"metrics": {name: metric, ..}, "prefix": .., "postfix": ..}.
  Json get_config() const;

  /// A collection of the same configuration with fresh states.
  MetricCollection fresh() const;

  /// Adds a batch to every metric, once to each state.
  void update_state(const at::Tensor& y_true, const at::Tensor& y_pred = {},
                    const at::Tensor& sample_weight = {});

  /// All results in order: prefix + name + postfix. A metric with several results has each under
  /// its own name, of which the metric's is the beginning.
  NamedTensors results() const;

  /// Empties every state.
  void reset_state();

  /// Adds the states of other collections; they stay as they are. Errors: ValueError where one has
  /// other names, or under one of them a metric of another class or configuration.
  void merge_state(const std::vector<const MetricCollection*>& others);

  /// The same of states that the processes of a run sent: the `named_variables()` of each, in the
  /// order of ranks. Errors: as `load_variables`, naming the rank.
  void merge_variables(const std::vector<NamedTensors>& others);

  /// The states' tensors, each once, named "<name>/<variable>" by the first metric that has it.
  /// They are the state, not copies.
  std::vector<NamedTensor> named_variables() const;

  /// Replaces the states by copies of tensors so named, in any order. Errors: ValueError for a
  /// tensor that is missing, not known, or does not fit.
  void load_variables(const std::vector<NamedTensor>& variables);

  /// Moves all states to a device.
  void to(const at::Device& device);

  /// The metrics' names here, in order, without prefix and postfix.
  std::vector<std::string> names() const;
  /// How many metrics there are.
  std::size_t size() const { return entries_.size(); }
  /// How many states there are: metrics with the same counts have one.
  std::size_t state_count() const { return states_.size(); }
  /// Errors: ValueError that suggests the nearest name.
  const Metric& at(std::string_view name) const;

  ///@{
  /// What stands around the name of every result.
  const std::string& prefix() const { return options_.prefix; }
  const std::string& postfix() const { return options_.postfix; }
  ///@}

 private:
  struct Entry {
    std::string name;
    std::shared_ptr<Metric> metric;
    std::vector<std::string> shared;  // the variables of the state that it takes; none: it is it
    std::size_t state = 0;
  };
  struct SharedState {
    std::shared_ptr<Metric> owner;  // what is updated
    std::string name;               // of its first metric
  };

  void add(std::string name, const std::shared_ptr<Metric>& metric);
  void find_shared_states();
  void share();
  /// Named tensors by state, each state's in the order of its variables. Errors: as
  /// `load_variables`, shapes aside.
  std::vector<std::vector<at::Tensor>> by_state(const std::vector<NamedTensor>& variables) const;
  /// Calls the function for each of these states; where it throws, all become what they were.
  void change_states(std::vector<std::size_t> which,
                     const std::function<void(std::size_t)>& change);
  /// The same for all.
  void change_all_states(const std::function<void(std::size_t)>& change);

  MetricCollectionOptions options_;
  std::vector<Entry> entries_;
  std::vector<SharedState> states_;
};

}  // namespace assay::metrics
