// SPDX-License-Identifier: Apache-2.0
#include "blobs.h"

#include <torch/torch.h>

#include <cstdlib>

namespace assay::testing {

training::TensorDataset blobs(std::int64_t rows, std::uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed);
  const auto labels = torch::arange(rows) % 3;
  const auto centres = torch::randn({3, 4}, generator) * 2;
  const auto points = centres.index({labels}) + torch::randn({rows, 4}, generator);
  return training::TensorDataset(points, labels);
}

torch::nn::Sequential small_net(std::uint64_t seed, double dropout) {
  torch::manual_seed(seed);
  return torch::nn::Sequential(torch::nn::Linear(4, 16), torch::nn::ReLU(),
                               torch::nn::Dropout(dropout), torch::nn::Linear(16, 3));
}

Folder::Folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "assay-test-XXXXXX").string();
  TORCH_CHECK(mkdtemp(pattern.data()) != nullptr, "no temporary folder");
  path_ = pattern;
}

Folder::~Folder() { std::filesystem::remove_all(path_); }

}  // namespace assay::testing
