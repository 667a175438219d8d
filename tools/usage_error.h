// SPDX-License-Identifier: Apache-2.0
// Mistakes of the user's, told apart from failures.
#pragma once
#include <assay/core/error_text.h>

#include <stdexcept>
#include <utility>

namespace assay::tools {

/// A wrong command line, experiment file or name.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Runs what depends on what the user wrote: its ValueErrors are mistakes of usage.
template <class Function>
auto configured(Function&& function) {
  try {
    return std::forward<Function>(function)();
  } catch (const c10::ValueError& error) {
    throw UsageError(error_text(error));
  }
}

}  // namespace assay::tools
