// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/names.h>
#include <assay/metrics/named_tensors.h>
#include <c10/util/Exception.h>

#include <algorithm>

namespace assay::metrics {

bool NamedTensors::contains(std::string_view name) const {
  return std::any_of(begin(), end(), [&](const auto& named) { return named.first == name; });
}

const at::Tensor& NamedTensors::at(std::string_view name) const {
  for (const auto& [known, tensor] : *this) {
    if (known == name) return tensor;
  }
  std::vector<std::string> names;
  for (const auto& named : *this) names.push_back(named.first);
  TORCH_CHECK_VALUE(false, "there is no '", name, "'.", did_you_mean(name, names),
                    " There are: ", join(names));
}

}  // namespace assay::metrics
