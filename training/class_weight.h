// SPDX-License-Identifier: Apache-2.0
// Weights of classes as weights of samples.
#pragma once
#include <assay/training/data/dataset.h>

#include <cstdint>
#include <map>

#pragma GCC visibility push(hidden)
namespace assay::training {

/// The sample weights of a batch, each times the factor of its class. Labels are integers [batch]
/// or [batch, 1], or one-hot rows [batch, classes]; classes without a factor weigh 1. Unlike Keras,
/// which refuses sample weights beside class weights, the two multiply.
/// Errors: ValueError for labels of another shape. Source: keras.Model.fit (`class_weight`).
at::Tensor with_class_weight(const Batch& batch, const std::map<std::int64_t, double>& weights);

}  // namespace assay::training
#pragma GCC visibility pop
