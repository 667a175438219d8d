// SPDX-License-Identifier: Apache-2.0
// Metrics around copies of another metric.
#pragma once
#include <assay/metrics/metric.h>

#include <memory>
#include <string>
#include <vector>

namespace assay::metrics {

///@{
/// A metric as an option: a name or an object in JSON, as `metrics::get` takes it.
Json write_value(const std::shared_ptr<Metric>& value);
void read_value(const Json& in, std::shared_ptr<Metric>& value, const std::string& path);
Json value_schema(const std::shared_ptr<Metric>*);
///@}

/// For an option that must be given.
inline constexpr Constraint<std::shared_ptr<Metric>> a_metric{
    [](const std::shared_ptr<Metric>& metric) { return metric != nullptr; }, "given, a metric"};

/// A metric made of several copies of another one.
///
/// The state is the other metric's, each variable with a leading axis of copies, so it merges, is
/// reset, saved and moved like any state. Where the other metric makes its state from data, so does
/// this one.
class WrapperBase : public Metric {
 protected:
  using Metric::Metric;

  /// The state of each copy, in the order of its variables.
  using States = std::vector<std::vector<at::Tensor>>;

  /// Called once, by the constructor of a wrapper. The metric given stays as it is.
  void wrap(const Metric& metric, std::int64_t copies);

  /// Declares variables of the wrapper's own, which stand after the others.
  virtual void declare_own() {}
  /// How many variables `declare_own` declares.
  virtual std::size_t own_variables() const { return 0; }

  /// Whether there is a state; without one nothing was counted.
  bool built() const { return built_; }
  /// How many copies of the metric there are.
  std::int64_t copies() const { return copies_; }

  /// The wrapped metric with the state of one copy, until the next call; to be updated or read.
  /// Before there is a state it is a fresh one.
  Metric& copy(std::int64_t index) const;
  /// The wrapped metric with a fresh state, until the next call.
  Metric& fresh_copy() const;
  /// The wrapped metric with a state that is given, until the next call.
  Metric& copy_of(const std::vector<at::Tensor>& values) const;

  /// The result of each copy, not rounded to its type, stacked. Errors: those of the wrapped
  /// metric.
  at::Tensor stacked_results() const;

  /// Makes the state fit what the wrapped metric has now, where it is not there yet.
  void build(const at::Device& device);
  /// Writes the states of all copies.
  void replace(const States& states);

  /// The wrapped metric's variables, [copies, ..].
  std::vector<at::Tensor> inner_variables() const;
  /// The state of the copy that was looked at last.
  const State& inner_state() const { return inner_->state(); }

  void build_for(const std::vector<at::Tensor>& values) override;

 private:
  void declare();

  std::shared_ptr<Metric> original_;       // never updated
  mutable std::shared_ptr<Metric> inner_;  // holds the state of one copy at a time
  std::int64_t copies_ = 1;
  std::size_t inner_count_ = 0;
  bool built_ = false;
};

/// Errors: ValueError where there is no metric.
void check_metric(const std::shared_ptr<Metric>& metric, const char* class_name);

/// Options whose name, where it was left out, is the wrapped metric's with a prefix.
/// Errors: as `check_metric`.
template <class Options>
Options named_after_metric(Options options, const char* prefix) {
  check_metric(options.metric, Options::class_name);
  if (options.name.empty()) options.name = prefix + options.metric->name();
  return options;
}

}  // namespace assay::metrics
