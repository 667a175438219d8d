// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::metrics {

/// A map from names to tensors that keeps its order.
class NamedTensors : public std::vector<std::pair<std::string, at::Tensor>> {
 public:
  using vector::vector;

  /// Whether a tensor has this name.
  bool contains(std::string_view name) const;

  /// Errors: ValueError that suggests the nearest name.
  const at::Tensor& at(std::string_view name) const;
};

}  // namespace assay::metrics
