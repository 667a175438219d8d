// SPDX-License-Identifier: Apache-2.0
#include "processes.h"

#include <assay/core/error_text.h>
#include <c10/util/Logging.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "failure.h"
#include "usage_error.h"

namespace assay::tools {
namespace {

void silence_standard_output() {
  std::cout << std::flush;
  if (std::freopen("/dev/null", "w", stdout) == nullptr) std::cout.setstate(std::ios::failbit);
}

}  // namespace

void ProcessArguments::add_to(CLI::App& command) {
  command
      .add_option("--nproc", count,
                  "Processes on this machine that do it together; torchrun starts them on several")
      ->check(CLI::PositiveNumber);
  command.add_option("--timeout", timeout, "Seconds for which processes wait for each other (600)")
      ->check(CLI::PositiveNumber);
}

int ProcessArguments::run(
    const std::function<int(const std::shared_ptr<distributed::Group>&)>& command) const {
  const auto environment = configured([] { return distributed::read_environment(); });
  if (count.value_or(1) > 1 && environment.world_size == 1) return launch(*count);
  if (count && *count != environment.world_size) {
    throw UsageError("--nproc is " + std::to_string(*count) + ", but WORLD_SIZE is " +
                     std::to_string(environment.world_size) + ": give one of them");
  }
  if (environment.rank > 0) silence_standard_output();
  if (environment.world_size > 1) {
    // c10d writes a stack for each connection that ends; errors come with a message of their own.
    setenv("TORCH_CPP_LOG_LEVEL", "ERROR", /*overwrite=*/0);
    c10::initLogging();
  }
  const auto group = distributed::Group::of(
      environment,
      {.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(timeout * 1000))});
  if (!group->has_peers()) return command(group);
  try {
    return command(group);
  } catch (const std::exception& error) {
    const auto code = fail(error);
    group->report_failure(error_text(error));
    // What waits for a process that hangs would wait here too.
    std::_Exit(code);
  }
}

}  // namespace assay::tools
