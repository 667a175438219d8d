// SPDX-License-Identifier: Apache-2.0
#include <assay/core/error_text.h>

namespace assay {

std::string error_text(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  return torch_error ? torch_error->what_without_backtrace() : error.what();
}

}  // namespace assay
