// SPDX-License-Identifier: Apache-2.0
// What torchrun tells each process that it starts.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

namespace assay::distributed {

/// A process's place among those that were started together.
struct Environment {
  std::int64_t rank = 0;              ///< RANK
  std::int64_t world_size = 1;        ///< WORLD_SIZE
  std::int64_t local_rank = 0;        ///< LOCAL_RANK: among those on this machine
  std::int64_t local_world_size = 1;  ///< LOCAL_WORLD_SIZE
  std::string master_address;         ///< MASTER_ADDR
  std::int64_t master_port = 0;       ///< MASTER_PORT
  bool agent_store = false;  ///< TORCHELASTIC_USE_AGENT_STORE: the launcher keeps the store
  std::int64_t attempt = 0;  ///< TORCHELASTIC_RESTART_COUNT
};

/// Reads a variable of the environment; null where it is not set.
using Variable = std::function<const char*(const char* name)>;

/// Reads the variables that torchrun sets; without WORLD_SIZE, or where it is 1, there is one
/// process. Errors: ValueError that names a variable that is missing or no number in its range.
/// Source: torch.distributed.elastic, "Environment Variables".
Environment read_environment(const Variable& variable);
/// The same of this process.
Environment read_environment();

}  // namespace assay::distributed
