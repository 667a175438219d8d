// SPDX-License-Identifier: Apache-2.0
#include "registries.h"

#include <assay/losses/registry.h>
#include <assay/metrics/registry.h>
#include <assay/training/callbacks/registry.h>
#include <assay/training/datasets/registry.h>
#include <assay/training/layers/registry.h>
#include <assay/training/optimizers/registry.h>
#include <assay/training/schedules/registry.h>

namespace assay::tools {

std::vector<NamedRegistry> registries() {
  return {{"losses", &losses::registry()},         {"metrics", &metrics::registry()},
          {"optimizers", &optimizers::registry()}, {"schedules", &schedules::registry()},
          {"layers", &layers::registry()},         {"datasets", &datasets::registry()},
          {"callbacks", &callbacks::registry()}};
}

}  // namespace assay::tools
