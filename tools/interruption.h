// SPDX-License-Identifier: Apache-2.0
// Ctrl-C.
#pragma once
#include <assay/training/trainer.h>

namespace assay::tools {

/// While it lives, the first SIGINT or SIGTERM lets the trainer finish its batch and stop; a second
/// one ends the program at once.
class Interruption {
 public:
  explicit Interruption(Trainer& trainer);
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
};

}  // namespace assay::tools
