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
enum class Merge { kSum, kMin, kMax };

/// One named tensor of a metric's state.
struct Variable {
  std::string name;
  at::Tensor value;
  double initial = 0;  ///< What reset fills it with.
  Merge merge = Merge::kSum;
};

/// The ordered variables of a metric. References to values stay valid while variables are added.
class State {
 public:
  at::Tensor& add(std::string name, at::IntArrayRef shape, at::ScalarType dtype, Merge merge,
                  double initial);

  void reset();
  void to(const at::Device& device);

  /// Values merged with another state of the same variables. Errors: ValueError where names or
  /// shapes differ.
  std::vector<at::Tensor> merged(const std::vector<at::Tensor>& values, const State& other) const;

  std::vector<at::Tensor> values() const;

  /// Copies of all values.
  std::vector<at::Tensor> snapshot() const;

  /// Takes these tensors, in order, as the values. Errors: ValueError where the number, a shape or
  /// a dtype differs; nothing is then changed.
  void assign(const std::vector<at::Tensor>& values);

  /// Makes these tensors themselves the values of the first variables. Errors: as `assign`.
  void share(const std::vector<at::Tensor>& values);

  bool empty() const { return variables_.empty(); }
  const std::deque<Variable>& variables() const { return variables_; }

 private:
  void check_fit(const std::vector<at::Tensor>& values) const;

  std::deque<Variable> variables_;
};

}  // namespace assay::metrics
