// SPDX-License-Identifier: Apache-2.0
// The message of an expected error.
#pragma once
#include <c10/util/Exception.h>

#include <string>

namespace assay::testing {

/// What the call throws as an `Error`, without the stack; "" where it throws nothing.
template <typename Error = c10::Error, typename Call>
std::string error_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what_without_backtrace();
  }
  return "";
}

}  // namespace assay::testing
