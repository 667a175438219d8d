// SPDX-License-Identifier: Apache-2.0
// A small problem to train on.
#pragma once
#include <assay/training/data/dataset.h>
#include <torch/nn/modules/container/sequential.h>

#include <filesystem>

namespace assay::testing {

/// Three clouds of points in four dimensions, labelled 0, 1, 2.
training::TensorDataset blobs(std::int64_t rows = 90, std::uint64_t seed = 1);

/// Linear, ReLU, Dropout, Linear with weights that the seed decides; gives logits.
torch::nn::Sequential small_net(std::uint64_t seed = 2, double dropout = 0.3);

/// A folder that is deleted with the object.
class Folder {
 public:
  Folder();
  ~Folder();
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace assay::testing
