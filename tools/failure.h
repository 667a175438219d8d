// SPDX-License-Identifier: Apache-2.0
// What the command says when it fails, and how it ends.
#pragma once
#include <exception>
#include <string>

namespace assay::tools {

/// Writes the first lines of a message, and of several processes which one it is; returns the code.
int fail(const std::string& text, int code);

/// The same of an exception: a wrong command line or experiment, or a failure.
int fail(const std::exception& error);

}  // namespace assay::tools
