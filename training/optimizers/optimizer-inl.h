// SPDX-License-Identifier: Apache-2.0
// Definitions of OptimizerOf, for the one source that defines an optimizer.
#pragma once
#include <assay/core/options/config.h>
#include <assay/registry/registry-inl.h>
#include <assay/training/optimizers/optimizer.h>
#include <assay/training/optimizers/registry.h>
#include <c10/util/Exception.h>

namespace assay::training::optimizers {

template <class Options>
OptimizerOf<Options>::OptimizerOf(Options options) : options_(checked(std::move(options))) {
  const int ways = options_.clipnorm.has_value() + options_.clipvalue.has_value() +
                   options_.global_clipnorm.has_value();
  TORCH_CHECK_VALUE(ways <= 1, Options::class_name, ": ", ways,
                    " of clipnorm, clipvalue and global_clipnorm are given; expected at most one");
}

template <class Options>
Json OptimizerOf<Options>::get_config() const {
  return fields_of<Options>().to_config(&options_);
}

}  // namespace assay::training::optimizers
