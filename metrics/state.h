// SPDX-License-Identifier: Apache-2.0
// The variables of a metric: from one declaration come reset, merging, saving and device moves.
#pragma once
#include <ATen/core/Tensor.h>

#include <deque>
#include <string>
#include <vector>

namespace assay::metrics {

/// How the states of two metrics become one. There is no mean: means do not merge; keep a sum and a
/// count.
enum class Merge {
  kSum,  ///< Added.
  kMin,  ///< The smaller of each two.
  kMax   ///< The larger of each two.
};

/// One named tensor of a metric's state.
struct Variable {
  std::string name;           ///< No other variable of the state has it.
  at::Tensor value;           ///< Without a gradient.
  double initial = 0;         ///< What reset fills it with.
  Merge merge = Merge::kSum;  ///< How two states' values become one.
  bool added = false;         ///< By the user of a metric: it stands behind the metric's own.
};

/// The ordered variables of a metric: its own, then those that a user added. References to values
/// of its own stay valid while variables are added.
class State {
 public:
  /// Declares a variable that is filled with `initial`; the reference stays valid. `added` ones
  /// stand behind the others. Errors: ValueError where the name is taken.
  at::Tensor& add(std::string name, at::IntArrayRef shape, at::ScalarType dtype, Merge merge,
                  double initial, bool added = false);

  /// Where its values are; the CPU where there are none.
  at::Device device() const;

  /// Gives every variable its initial value, in place.
  void reset();
  /// Moves all values to a device.
  void to(const at::Device& device);

  /// The values of several states of these variables as one, on this one's device. A state may lack
  /// the metric's own variables, which are made from data. Errors: ValueError where a number of
  /// variables, a shape or a dtype differs.
  std::vector<at::Tensor> merged(const std::vector<std::vector<at::Tensor>>& states) const;

  /// The values themselves, in order.
  std::vector<at::Tensor> values() const;

  /// Copies of all values.
  std::vector<at::Tensor> snapshot() const;

  /// Takes these tensors, in order, as the values. Errors: ValueError where the number, a shape or
  /// a dtype differs; nothing is then changed.
  void assign(const std::vector<at::Tensor>& values);

  /// Makes these tensors themselves the values of the first variables. Errors: as `assign`.
  void share(const std::vector<at::Tensor>& values);

  /// Whether there is no variable.
  bool empty() const { return variables_.empty(); }
  /// The number of variables, with those that a user added.
  std::size_t size() const { return variables_.size(); }
  /// Whether the metric's own variables are there.
  bool is_built() const { return !empty() && !variables_.front().added; }
  /// The values of the metric's own variables, without those that a user added.
  std::vector<at::Tensor> own_values() const;
  /// The variables, in order.
  const std::deque<Variable>& variables() const { return variables_; }

 private:
  void check_fit(const std::vector<at::Tensor>& values) const;

  std::deque<Variable> variables_;
};

}  // namespace assay::metrics
