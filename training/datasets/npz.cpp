// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/options/config.h>
#include <assay/registry/registry-inl.h>
#include <assay/training/data/npy.h>
#include <assay/training/datasets/npz.h>
#include <assay/training/datasets/registry.h>

namespace assay::training::datasets {
namespace {

Batch read_all(const NPZOptions& options) {
  const NpzArchive archive(checked(options).path.get());
  const auto read = [&](const std::optional<std::string>& name) {
    return name ? archive.read(*name) : at::Tensor();
  };
  return {archive.read(options.x), read(options.y), read(options.sample_weight)};
}

}  // namespace

NPZ::NPZ(const Options& options)
    : ArrayDataset(read_all(options), {.dtype = options.dtype, .scale = options.scale}) {}

void register_npz(DatasetRegistry& registry) { registry.add<NPZ>(); }

}  // namespace assay::training::datasets
