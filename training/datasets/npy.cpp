// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/options/config.h>
#include <assay/registry/registry-inl.h>
#include <assay/training/data/npy.h>
#include <assay/training/datasets/npy.h>
#include <assay/training/datasets/registry.h>

namespace assay::training::datasets {
namespace {

at::Tensor read(const std::optional<Path>& path) {
  return path ? read_npy(path->get()) : at::Tensor();
}

Batch read_all(const NPYOptions& options) {
  return {read(checked(options).x), read(options.y), read(options.sample_weight)};
}

}  // namespace

NPY::NPY(const Options& options)
    : ArrayDataset(read_all(options), {.dtype = options.dtype, .scale = options.scale}) {}

void register_npy(DatasetRegistry& registry) { registry.add<NPY>(); }

}  // namespace assay::training::datasets
