// SPDX-License-Identifier: Apache-2.0
// Errors as text for people.
#pragma once
#include <c10/util/Exception.h>
#include <nlohmann/json.hpp>

#include <exception>
#include <string>
#include <utility>

namespace assay {

/// What an exception says, without the stack that LibTorch adds.
std::string error_text(const std::exception& error);

/// Runs a function; a ValueError, or wrong JSON, becomes a ValueError that begins with `context`.
template <class Function>
auto with_context(const std::string& context, Function&& function) {
  try {
    return std::forward<Function>(function)();
  } catch (const c10::ValueError& error) {
    TORCH_CHECK_VALUE(false, context, ": ", error_text(error));
  } catch (const nlohmann::json::exception& error) {
    TORCH_CHECK_VALUE(false, context, ": ", error_text(error));
  }
}

}  // namespace assay
