// SPDX-License-Identifier: Apache-2.0
// What every metric is: state that batches add to, and a result computed from the state alone.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/options/fields.h>
#include <assay/core/options/json.h>
#include <assay/metrics/state.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace torch::serialize {
class InputArchive;
class OutputArchive;
}  // namespace torch::serialize

/// Metrics: state that batches add to, and a result of it.
namespace assay::metrics {

class Metric;

/// Counts that several metrics can be functions of.
struct SharedCounts {
  std::shared_ptr<Metric> metric;      ///< Holds the counts; null where a metric has its own only.
  std::vector<std::string> variables;  ///< Its variables that are this metric's, in order.
};

/// The base of all metrics.
///
///     metrics::BinaryAccuracy accuracy;
///     accuracy.update_state(y_true, y_pred);                  // adds a batch
///     accuracy.update_state(y_true, y_pred, sample_weight);
///     accuracy.result().item<float>();                        // over everything since the reset
///
/// Sums are float64 and counts int64, so results depend neither on how the data was cut into
/// batches nor on how states were merged. A failed update throws ValueError (c10::ValueError) and
/// leaves the state as it was. State lives on the device of the first update. `update_state` never
/// waits for the device. One metric is not to be used from two threads at once.
/// Source: keras.metrics.Metric.
class Metric {
 public:
  virtual ~Metric() = default;
  Metric(const Metric&) = delete;
  Metric& operator=(const Metric&) = delete;

  /// Adds a batch. `y_pred` is left out for metrics of values alone (Mean, Sum), whose values are
  /// then `y_true`.
  void update_state(const at::Tensor& y_true, const at::Tensor& y_pred = {},
                    const at::Tensor& sample_weight = {});

  /// The first of an update's two steps: works out what a batch adds to the state, which stays as
  /// it is. What is returned adds it, once, and cannot fail. Nothing is returned by a metric that
  /// does not tell these steps apart: `update_state` is then the way. Errors: as `update_state`.
  std::function<void()> prepare_update(const at::Tensor& y_true, const at::Tensor& y_pred = {},
                                       const at::Tensor& sample_weight = {});

  /// The metric over everything seen since the last reset, in the `dtype` option's type.
  at::Tensor result() const;

  /// Results by name; one, under `name()`, for most metrics.
  virtual std::vector<std::pair<std::string, at::Tensor>> results() const;

  /// Gives every variable its initial value.
  void reset_state();

  /// Adds the states of other metrics to this one; they stay as they are.
  /// Errors: ValueError where one has another class or configuration (its name aside); no metric is
  /// then changed.
  void merge_state(const std::vector<const Metric*>& others);

  /// The same of states that the processes of a run sent: each the `variables()` of a metric of
  /// this class and configuration. Errors: ValueError where they do not fit; the metric is then as
  /// it was.
  void merge_variables(const std::vector<std::vector<at::Tensor>>& others);

  /// Updates, and returns the result so far.
  at::Tensor operator()(const at::Tensor& y_true, const at::Tensor& y_pred = {},
                        const at::Tensor& sample_weight = {});

  /// The state's tensors in Keras's order; they are the state, not copies.
  std::vector<at::Tensor> variables() const { return state_.values(); }

  /// The state with its names.
  const State& state() const { return state_; }

  /// Adds a variable of one's own to the state, behind the metric's: "zeros" or "ones". It merges
  /// by sum, is reset and saved like the others. Errors: ValueError for another initializer, or a
  /// name that is taken.
  at::Tensor add_variable(at::IntArrayRef shape, const std::string& initializer = "zeros",
                          at::ScalarType dtype = at::kFloat, const std::string& name = "variable");

  /// The state after the update of a given state; the metric itself is not touched.
  std::vector<at::Tensor> stateless_update_state(const std::vector<at::Tensor>& state,
                                                 const at::Tensor& y_true,
                                                 const at::Tensor& y_pred = {},
                                                 const at::Tensor& sample_weight = {}) const;
  /// The result of a given state. Errors: ValueError where it does not fit.
  at::Tensor stateless_result(const std::vector<at::Tensor>& state) const;
  /// A state of initial values.
  std::vector<at::Tensor> stateless_reset_state() const;

  /// Replaces the state, copying the tensors. Errors: ValueError where they do not fit.
  void set_state(const std::vector<at::Tensor>& values);

  /// Moves the state to a device, where it then stays.
  void to(const at::Device& device);

  /// The counts that this metric is a function of. Metrics whose counts have the same class and
  /// configuration can be updated together, by one update of the counts.
  virtual SharedCounts shared_counts() const { return {}; }

  /// Makes the owner's variables of these names this metric's own: the same tensors, so that what
  /// the owner counts, this metric has counted. Where the owner has no state yet nothing happens.
  void share_state(const Metric& owner, const std::vector<std::string>& names);

  /// Whether another metric has the same class and configuration, its name aside.
  bool same_configuration(const Metric& other) const;

  /// The options as Keras writes them; `metrics::from_config` reads them.
  virtual Json get_config() const = 0;
  /// Keras's class name.
  virtual std::string class_name() const = 0;
  /// A metric of the same configuration with a fresh state.
  virtual std::shared_ptr<Metric> fresh() const = 0;
  /// The same with the variables that a user added.
  std::shared_ptr<Metric> blank() const;
  /// The same with this state, copied. Errors: as `set_state`.
  std::shared_ptr<Metric> with_state(const std::vector<at::Tensor>& values) const;

  /// The option of that name: what results are called by.
  const std::string& name() const { return name_; }
  /// The type of the result.
  at::ScalarType dtype() const { return dtype_; }

 protected:
  /// `name` labels results, which have the type `dtype`.
  Metric(std::string name, at::ScalarType dtype);

  /// Declares a variable; the reference stays valid. Weighted sums are float64, counts that no
  /// weight can enter int64.
  at::Tensor& add_state(std::string name, at::IntArrayRef shape = {},
                        at::ScalarType dtype = at::kDouble, Merge merge = Merge::kSum,
                        double initial = 0);

  /// Adds a batch to the state; everything that can fail comes before the first change.
  virtual void update(const at::Tensor& y_true, const at::Tensor& y_pred,
                      const at::Tensor& sample_weight) = 0;

  /// What `prepare_update` returns: for state that is large beside a batch, which a collection
  /// would otherwise copy lest another metric fail.
  virtual std::function<void()> prepared(const at::Tensor& y_true, const at::Tensor& y_pred,
                                         const at::Tensor& sample_weight) {
    return {};
  }

  /// The result, in float64 or an integer type; `result` casts it.
  virtual at::Tensor compute() const = 0;

  /// The same of another metric, for metrics that are made of others.
  static at::Tensor unrounded_result(const Metric& metric) { return metric.compute(); }

  /// For state whose shape is known only from data: makes it fit values that are to be loaded.
  virtual void build_for(const std::vector<at::Tensor>& values) {}

 private:
  /// Checks the tensors' types and devices, and moves the state to theirs before its first update.
  void take(const at::Tensor& y_true, const at::Tensor& y_pred, const at::Tensor& sample_weight);
  void merge_variables(const std::vector<std::vector<at::Tensor>>& others,
                       const at::Device& device);

  std::string name_;
  at::ScalarType dtype_;
  State state_;
  bool placed_ = false;  // whether the state has gone to the data's device
};

/// The fields that every metric has, for the end of its list.
template <class Options>
constexpr auto metric_fields() {
  return fields(field("name", &Options::name, "Label in logs."),
                field("dtype", &Options::dtype, "Type of the result."));
}

/// A metric with options: configuration and fresh copies, written once. `Base` is Metric or one of
/// the shared bases, made from (name, dtype, ...).
/// A source that defines `Derived` includes metric-inl.h.
template <class Derived, class OptionsType, class Base = Metric>
class MetricOf : public Base {
 public:
  /// The plain struct with this class's options.
  using Options = OptionsType;

  /// Errors: ValueError for an option out of its range.
  explicit MetricOf(Options options = {});

  /// What the metric was made with.
  const Options& options() const { return options_; }
  /// The options by their field list, as Keras writes them.
  Json get_config() const override;
  /// `Options::class_name`.
  std::string class_name() const override { return Options::class_name; }
  /// A metric of the same options with a fresh state.
  std::shared_ptr<Metric> fresh() const override;

 private:
  Options options_;
};

///@{
/// torch::save(metric, path) and torch::load(metric, path) write and read its state; loading into a
/// metric of another class or configuration is a ValueError.
torch::serialize::OutputArchive& operator<<(torch::serialize::OutputArchive& archive,
                                            const Metric& metric);
torch::serialize::InputArchive& operator>>(torch::serialize::InputArchive& archive, Metric& metric);
///@}

}  // namespace assay::metrics
