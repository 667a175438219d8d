// SPDX-License-Identifier: Apache-2.0
#include <assay/tests/distributed/ranks/ranks.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <iostream>

namespace assay::testing {
namespace {

std::shared_ptr<distributed::Group> group;

}  // namespace

distributed::Group& ranks() { return *group; }

std::vector<std::vector<std::int64_t>> rows_by_rank(std::int64_t rows, int cut) {
  const auto size = ranks().size();
  std::vector<std::vector<std::int64_t>> parts(size);
  for (std::int64_t row = 0; row < rows; ++row) {
    std::int64_t rank = row * size / rows;
    if (cut == 1) rank = size - 1;
    if (cut == 2) rank = 1 + row % (size - 1);
    if (cut == 3) rank = row == 0 ? 0 : row < 3 ? size - 1 : size / 2;
    parts[rank].push_back(row);
  }
  return parts;
}

}  // namespace assay::testing

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  torch::set_num_threads(1);
  try {
    assay::testing::group =
        assay::distributed::Group::from_environment({.timeout = std::chrono::seconds(30)});
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  auto& group = *assay::testing::group;
  if (!group.has_peers()) {
    std::cerr << "to be started by torchrun, with at least 2 processes\n";
    return 1;
  }
  // The first rank tells how far it is; of the others only failures are told.
  if (!group.is_first()) GTEST_FLAG_SET(brief, true);
  const auto failed = RUN_ALL_TESTS();
  group.barrier("ending the tests");
  assay::testing::group.reset();
  return failed;
}
