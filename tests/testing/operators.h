// SPDX-License-Identifier: Apache-2.0
// Which dispatcher operators a piece of work calls.
#pragma once
#include <functional>
#include <set>
#include <string>

namespace assay::testing {

/// The names, "assay::huber_forward" or "aten::sum", of all operators that `work` calls in this
/// thread.
std::set<std::string> operators_called(const std::function<void()>& work);

}  // namespace assay::testing
