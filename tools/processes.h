// SPDX-License-Identifier: Apache-2.0
// One command in several processes.
#pragma once
#include <assay/distributed/group.h>

#include <CLI/App.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace assay::tools {

/// The options of a command that runs in several processes, `--nproc` and `--timeout`.
struct ProcessArguments {
  std::optional<std::int64_t> count;
  double timeout = 600;

  void add_to(CLI::App& command);

  /// Runs the command together with the processes that torchrun started; with `--nproc` it starts
  /// as many itself. Without either it is one process. Only the first process writes to standard
  /// output. Where it fails, the other processes are told why, and it ends at once.
  int run(const std::function<int(const std::shared_ptr<distributed::Group>&)>& command) const;
};

/// Starts this program again, with the same command line, in so many processes on this machine;
/// returns when all have ended: 0, or the code of the first that failed.
int launch(std::int64_t count);

}  // namespace assay::tools
