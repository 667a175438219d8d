// SPDX-License-Identifier: Apache-2.0
// Everything that is registered, by the word that people type.
#pragma once
#include <assay/registry/registry.h>

#include <string>
#include <vector>

namespace assay::tools {

struct NamedRegistry {
  std::string plural;  ///< "losses"
  const RegistryTable* table;
};

/// All registries, in the order in which they are shown.
std::vector<NamedRegistry> registries();

}  // namespace assay::tools
