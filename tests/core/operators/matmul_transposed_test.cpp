// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <assay/core/operators/matmul_transposed.h>
#include <assay/tests/testing/check.h>

#include <utility>
#include <vector>

namespace assay {
namespace {

using assay::testing::near;

struct Operands {
  at::Tensor x;
  at::Tensor w;
  at::Tensor bias;
};

Operands draw(std::int64_t m, std::int64_t n, std::int64_t k, at::ScalarType dtype) {
  auto generator = at::detail::createCPUGenerator(m + n + k);
  return {at::randn({m, k}, generator, dtype), at::randn({n, k}, generator, dtype),
          at::randn({n}, generator, dtype)};
}

at::Tensor in_double(const Operands& operands) {
  return at::addmm(operands.bias.to(at::kDouble), operands.x.to(at::kDouble),
                   operands.w.to(at::kDouble).t());
}

TEST(MatmulTransposed, IsTheProductInFloat64) {
  for (const auto& [dtype, tolerance] : {std::pair{at::kFloat, 1e-5}, {at::kDouble, 1e-13}}) {
    for (const std::int64_t m : {1, 2, 33, 257}) {
      for (const std::int64_t n : {1, 5, 64, 129}) {
        for (const std::int64_t k : {1, 3, 100}) {
          const auto operands = draw(m, n, k, dtype);
          const auto expected = in_double(operands);
          const auto product = matmul_transposed(operands.x, operands.w, operands.bias);
          EXPECT_EQ(product.scalar_type(), dtype);
          EXPECT_TRUE(product.is_contiguous());
          EXPECT_TRUE(near(product.to(at::kDouble), expected, tolerance, 10 * tolerance));
          EXPECT_TRUE(near(matmul_transposed(operands.x, operands.w).to(at::kDouble),
                           expected - operands.bias.to(at::kDouble), tolerance, 10 * tolerance));
        }
      }
    }
  }
}

TEST(MatmulTransposed, TakesMatricesOfAnyStrides) {
  const auto operands = draw(40, 30, 20, at::kFloat);
  const auto expected = in_double(operands);
  const auto strided = [](const at::Tensor& matrix) {
    return at::cat({matrix, matrix}, 1).slice(1, 0, matrix.size(1));
  };
  const auto transposed = [](const at::Tensor& matrix) { return matrix.t().contiguous().t(); };
  for (const auto& x : {operands.x, strided(operands.x), transposed(operands.x)}) {
    for (const auto& w : {operands.w, strided(operands.w), transposed(operands.w)}) {
      EXPECT_TRUE(
          near(matmul_transposed(x, w, operands.bias).to(at::kDouble), expected, 1e-5, 1e-4));
    }
  }
}

TEST(MatmulTransposed, OfNothingIsTheBias) {
  const auto operands = draw(3, 4, 0, at::kFloat);
  EXPECT_TRUE(
      matmul_transposed(operands.x, operands.w, operands.bias).equal(operands.bias.expand({3, 4})));
  EXPECT_TRUE(matmul_transposed(operands.x, operands.w).equal(at::zeros({3, 4})));
  const auto no_rows = matmul_transposed(at::empty({0, 5}), at::empty({4, 5}));
  EXPECT_EQ(no_rows.sizes(), (std::vector<std::int64_t>{0, 4}));
}

TEST(MatmulTransposed, GoesWithoutOneDnnWhereItIsSwitchedOff) {
  const auto operands = draw(40, 30, 20, at::kFloat);
  at::globalContext().setUserEnabledMkldnn(false);
  const auto product = matmul_transposed(operands.x, operands.w, operands.bias);
  at::globalContext().setUserEnabledMkldnn(true);
  EXPECT_TRUE(product.equal(at::addmm(operands.bias, operands.x, operands.w.t())));
}

}  // namespace
}  // namespace assay
