// SPDX-License-Identifier: Apache-2.0
#include "failure.h"

#include <assay/core/error_text.h>
#include <assay/distributed/environment.h>

#include <iostream>
#include <sstream>

#include "command.h"
#include "usage_error.h"

namespace assay::tools {
namespace {

// The first two lines of a message: what LibTorch adds beyond them explains itself, not the
// mistake.
std::string two_lines(const std::string& text) {
  std::istringstream in(text);
  std::string result;
  std::string line;
  for (int i = 0; i < 2 && std::getline(in, line); ++i) result += (i > 0 ? "\n" : "") + line;
  return result;
}

std::string this_rank() {
  try {
    const auto environment = distributed::read_environment();
    if (environment.world_size > 1) {
      return "rank " + std::to_string(environment.rank) + " of " +
             std::to_string(environment.world_size) + ": ";
    }
  } catch (const c10::ValueError&) {
    // The message is about these variables.
  }
  return "";
}

}  // namespace

int fail(const std::string& text, int code) {
  const auto rank = this_rank();
  // In one piece: other processes write to the same terminal.
  const auto message = "assay: " + (text.starts_with(rank) ? "" : rank) + two_lines(text) + "\n";
  std::cout << std::flush;
  std::cerr << message << std::flush;
  return code;
}

int fail(const std::exception& error) {
  const auto* usage = dynamic_cast<const UsageError*>(&error);
  return usage ? fail(usage->what(), kBadUsage) : fail(error_text(error), kFailed);
}

}  // namespace assay::tools
