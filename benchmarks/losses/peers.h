// SPDX-License-Identifier: Apache-2.0
// What a C++ user would otherwise call for a loss.
#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "../workload.h"

namespace assay::benchmarks {

using LossFunction = std::function<at::Tensor(const Inputs& inputs)>;

/// "libtorch", torch::nn::functional's, and "composed", the operators that an experienced user
/// writes; those that exist.
std::vector<std::pair<std::string, LossFunction>> loss_peers(const Workload& workload);

}  // namespace assay::benchmarks
