// SPDX-License-Identifier: Apache-2.0
// The experiment file.
#include <assay/training/experiment/experiment.h>

#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const auto file = fuzz::as_file(fuzz::text_of(data, size));
  fuzz::may_refuse([&] {
    const auto experiment = training::load_experiment(file, {"fit.epochs=2"});
    training::resume_conflict(experiment.json, {{"seed", 1}});
  });
  return 0;
}
