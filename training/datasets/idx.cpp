// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/options/config.h>
#include <assay/registry/registry-inl.h>
#include <assay/training/data/idx.h>
#include <assay/training/datasets/idx.h>
#include <assay/training/datasets/registry.h>

namespace assay::training::datasets {
namespace {

Batch read_all(const IDXOptions& options) {
  return {read_idx(checked(options).x.get()),
          options.y ? read_idx(options.y->get()) : at::Tensor()};
}

}  // namespace

IDX::IDX(const Options& options)
    : ArrayDataset(read_all(options), {.dtype = options.dtype, .scale = options.scale}) {}

void register_idx(DatasetRegistry& registry) { registry.add<IDX>(); }

}  // namespace assay::training::datasets
