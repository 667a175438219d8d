// SPDX-License-Identifier: Apache-2.0
#include <assay/training/argument-inl.h>
#include <assay/training/compile_options.h>

namespace assay::training {

template class Argument<losses::Loss>;
template class Argument<metrics::Metric>;
template class Argument<optimizers::Optimizer>;

}  // namespace assay::training
