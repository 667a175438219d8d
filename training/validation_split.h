// SPDX-License-Identifier: Apache-2.0
// Keras's validation_split.
#pragma once
#include <assay/training/data/dataset.h>

#include <memory>
#include <utility>

#pragma GCC visibility push(hidden)
namespace assay::training {

/// The first rows, and the last `fraction` of them: the cut is at floor(size * (1 - fraction)).
/// Errors: ValueError where one of the two would be empty.
/// Source: keras.src.trainers.data_adapters.array_slicing (`train_validation_split`).
std::pair<std::shared_ptr<const Dataset>, std::shared_ptr<const Dataset>> validation_split(
    const std::shared_ptr<const Dataset>& dataset, double fraction);

}  // namespace assay::training
#pragma GCC visibility pop
