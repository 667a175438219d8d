// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/dense_crossentropy.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "kernel_test.h"

namespace assay::kernels::cpu::testing {
namespace {

enum class From { kLogits, kProbabilities };
constexpr From kBoth[] = {From::kLogits, From::kProbabilities};

template <class T>
struct Problem {
  From from = From::kLogits;
  int64_t rows = 0;
  int64_t classes = 0;
  int64_t inner = 1;
  Misaligned<T> y_true{0};
  Misaligned<T> y_pred{0};
  std::vector<Compute<T>> class_weight;
  double label_smoothing = 0.0;
  std::vector<Compute<T>> grad_value;  // one number, or one a row

  DenseCrossentropyInput<T> input() const {
    return {.y_true = y_true.data(),
            .y_pred = y_pred.data(),
            .classes = classes,
            .inner = inner,
            .class_weight = class_weight.empty() ? nullptr : class_weight.data(),
            .label_smoothing = label_smoothing};
  }
  int64_t stride() const { return grad_value.size() == 1 ? 0 : 1; }
  int64_t at(int64_t row, int64_t c) const {
    return AxisLayout::contiguous(classes, inner).offset(row) + c * inner;
  }
};

template <class T>
struct Results {
  std::vector<Compute<T>> value;
  Misaligned<T> grad{0};
};

template <class T>
Results<T> run(const Problem<T>& problem, int64_t step) {
  using C = Compute<T>;
  const auto rows = static_cast<size_t>(problem.rows);
  Results<T> results{std::vector<C>(rows, -7),
                     Misaligned<T>(rows * problem.classes, from_compute<T>(-7))};
  std::vector<C> max(rows, -7), sum(rows, -7), target(rows, -7);
  const DenseCrossentropyInput<T> input = problem.input();
  for (int64_t begin = 0; begin < problem.rows; begin += step) {
    const int64_t end = std::min(begin + step, problem.rows);
    if (problem.from == From::kLogits && problem.stride() == 0) {
      dense_softmax_crossentropy_with_gradient(input, begin, end, results.value.data(), max.data(),
                                               sum.data(), target.data(), problem.grad_value[0],
                                               results.grad.data());
    } else if (problem.from == From::kLogits) {
      dense_softmax_crossentropy_forward(input, begin, end, results.value.data(), max.data(),
                                         sum.data(), target.data());
      dense_softmax_crossentropy_backward(input, begin, end, max.data(), sum.data(), target.data(),
                                          problem.grad_value.data(), problem.stride(),
                                          results.grad.data());
    } else {
      dense_probability_crossentropy_forward(input, begin, end, results.value.data(), sum.data(),
                                             target.data());
      dense_probability_crossentropy_backward(input, begin, end, sum.data(), target.data(),
                                              problem.grad_value.data(), problem.stride(),
                                              results.grad.data());
    }
  }
  return results;
}

/// A row by plain loops. The magnitudes are those of the terms that the value and the gradients are
/// differences of: the scale of what rounding may cost.
template <class Real>
struct Reference {
  Real value = 0;
  Real value_magnitude = 0;
  std::vector<Real> grad;  // for an output gradient of 1
  std::vector<Real> grad_magnitude;
};

template <class T>
Reference<Exact<T>> reference_row(const Problem<T>& problem, int64_t row) {
  using C = Compute<T>;
  using Real = Exact<T>;
  const int64_t classes = problem.classes;
  const Real a = problem.label_smoothing;
  std::vector<Real> t(classes), x(classes);
  Real total = 0;
  for (int64_t c = 0; c < classes; ++c) {
    t[c] = as_double(problem.y_true[problem.at(row, c)]) * (1 - a) + a / classes;
    if (!problem.class_weight.empty()) t[c] *= problem.class_weight[c];
    x[c] = as_double(problem.y_pred[problem.at(row, c)]);
    total += t[c];
  }
  Reference<Real> reference;
  if (problem.from == From::kLogits) {
    const Real max = *std::max_element(x.begin(), x.end());
    Real sum = 0;
    for (const Real v : x) sum += std::exp(v - max);
    reference.value = total * std::log(sum);
    for (int64_t c = 0; c < classes; ++c) {
      reference.value += t[c] * (max - x[c]);
      const Real p = std::exp(x[c] - max) / sum;
      reference.grad.push_back(total * p - t[c]);
      reference.grad_magnitude.push_back(total * p * (1 + max - x[c]) + t[c]);
    }
    reference.value_magnitude = reference.value + total;
    return reference;
  }
  const Real low = C(1e-7);
  const Real high = C(1) - C(1e-7);
  Real sum = 0;
  for (const Real v : x) sum += v;
  Real inside = 0;
  std::vector<Real> own(classes);
  for (int64_t c = 0; c < classes; ++c) {
    const Real q = sum == 0 ? 1 / static_cast<Real>(classes) : x[c] / sum;
    reference.value -= t[c] * std::log(std::clamp(q, low, high));
    if (q >= low && q <= high) {
      inside += t[c];
      own[c] = t[c] / q;
    }
  }
  for (int64_t c = 0; c < classes; ++c) {
    reference.grad.push_back(sum == 0 ? 0 : (inside - own[c]) / sum);
    reference.grad_magnitude.push_back(sum == 0 ? 0 : (inside + own[c]) / sum);
  }
  reference.value_magnitude = reference.value + total;
  return reference;
}

template <class T>
void expect_reference_once(const Problem<T>& problem, int64_t step) {
  const Results<T> results = run(problem, step);
  const double few_units = 12 * unit<Compute<T>>();
  for (int64_t row = 0; row < problem.rows; ++row) {
    SCOPED_TRACE("row " + std::to_string(row));
    const auto want = reference_row(problem, row);
    expect_close(results.value[row], static_cast<double>(want.value),
                 few_units * static_cast<double>(want.value_magnitude));
    const double g = problem.grad_value[row * problem.stride()];
    for (int64_t c = 0; c < problem.classes; ++c) {
      const double grad = g * static_cast<double>(want.grad[c]);
      expect_close(as_double(results.grad[problem.at(row, c)]), grad,
                   few_units * std::fabs(g) * static_cast<double>(want.grad_magnitude[c]) +
                       rounding<T>(grad));
    }
    if (::testing::Test::HasFailure()) return;
  }
}

/// With an output gradient for each row, and with one for all.
template <class T>
void expect_reference(Problem<T> problem, int64_t step) {
  expect_reference_once(problem, step);
  problem.grad_value.resize(1);
  expect_reference_once(problem, step);
}

template <class T>
Problem<T> draw_problem(From from, int64_t rows, int64_t classes, int64_t inner, uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal;
  Problem<T> problem;
  problem.from = from;
  problem.rows = rows;
  problem.classes = classes;
  problem.inner = inner;
  const auto size = static_cast<size_t>(rows * classes);
  problem.y_pred = draw_numbers<T>(size, [&] {
    const double x = normal(generator);
    return from == From::kLogits ? 3.0 * x : std::exp(2.0 * x);
  });
  // Half of the targets are 0.
  problem.y_true = draw_numbers<T>(size, [&] { return std::max(normal(generator), 0.0); });
  for (int64_t row = 0; row < rows; ++row) {
    problem.grad_value.push_back(static_cast<Compute<T>>(normal(generator)));
  }
  return problem;
}

template <class T>
class DenseCrossentropyKernel : public ::testing::Test {};
TYPED_TEST_SUITE(DenseCrossentropyKernel, ScalarTypes);

TYPED_TEST(DenseCrossentropyKernel, AgreesWithPlainLoopsAtEverySmallSize) {
  for_each_target([] {
    for (const From from : kBoth) {
      for (int64_t size = 1; size <= 70; ++size) {
        SCOPED_TRACE("size " + std::to_string(size));
        expect_reference(draw_problem<TypeParam>(from, 1 + size % 19, size, 1, size), 100);
        expect_reference(draw_problem<TypeParam>(from, size, 1 + size % 7, 1, size), 100);
        if (::testing::Test::HasFailure()) return;
      }
    }
  });
}

TYPED_TEST(DenseCrossentropyKernel, AgreesWithPlainLoopsInLongRowsAndOnEveryAxis) {
  for_each_target([] {
    for (const From from : kBoth) {
      for (const int64_t classes : {127, 129, 1000, 4096, 4097, 13001}) {
        SCOPED_TRACE("classes " + std::to_string(classes));
        expect_reference(draw_problem<TypeParam>(from, 2, classes, 1, classes), 2);
      }
      for (const int64_t inner : {2, 5, 16, 17, 40}) {
        for (const int64_t classes : {1, 2, 3, 10, 64, 65, 200}) {
          SCOPED_TRACE("inner " + std::to_string(inner) + " classes " + std::to_string(classes));
          expect_reference(draw_problem<TypeParam>(from, 3 * inner, classes, inner, classes), 7);
        }
      }
    }
  });
}

/// A row's maximum is found on the way; where that is far from its first logit, it is added again.
TYPED_TEST(DenseCrossentropyKernel, AgreesWithPlainLoopsAtEveryLevelOfLogits) {
  using T = TypeParam;
  for_each_target([] {
    for (const int64_t classes : {150, 5000}) {
      Problem<T> problem = draw_problem<T>(From::kLogits, 12, classes, 1, 3);
      const double levels[] = {-70, -55, -40, -24, -16, -8, 0, 30, 50, 60, 65, 70};
      for (int64_t row = 0; row < problem.rows; ++row) {
        for (int64_t c = 0; c < classes; ++c) {
          auto& x = problem.y_pred[row * classes + c];
          // The first, or the classes from the middle of the row on, stand at another level.
          const bool elsewhere = row % 2 == 0 ? c == 0 : c > classes / 2;
          const double level = elsewhere ? 0.0 : levels[row];
          x = from_compute<T>(static_cast<Compute<T>>(as_double(x) / 3.0 + level));
        }
      }
      expect_reference(problem, 12);
      problem.label_smoothing = 0.2;
      expect_reference(problem, 12);
    }
  });
}

/// Of two labels with the same logit, and of one far above the others, every digit of the cost.
TYPED_TEST(DenseCrossentropyKernel, KeepsTheDigitsOfCostsNear0) {
  using T = TypeParam;
  for_each_target([] {
    for (const int64_t classes : {150, 5000}) {
      for (const int64_t label : {int64_t{0}, int64_t{77}, classes - 1}) {
        Problem<T> problem = draw_problem<T>(From::kLogits, 2, classes, 1, 3);
        for (int64_t row = 0; row < 2; ++row) {
          for (int64_t c = 0; c < classes; ++c) {
            const bool top = c == label || (row == 1 && c == 5);
            problem.y_true[row * classes + c] = from_compute<T>(c == label ? 1 : 0);
            problem.y_pred[row * classes + c] =
                from_compute<T>(top ? 30 : static_cast<Compute<T>>(-1));
          }
        }
        const auto results = run(problem, 2);
        const double small = static_cast<double>(classes - 1) * std::exp(-31.0);
        EXPECT_NEAR(results.value[0], std::log1p(small), 1e-6 * small);
        EXPECT_NEAR(results.value[1], std::log(2.0), 1e-6);
      }
    }
  });
}

TYPED_TEST(DenseCrossentropyKernel, TakesEveryOption) {
  for_each_target([] {
    for (const From from : kBoth) {
      for (const int64_t classes : {3, 10, 33, 300}) {
        for (const int64_t inner : {1, 20}) {
          SCOPED_TRACE("classes " + std::to_string(classes));
          auto problem = draw_problem<TypeParam>(from, 40, classes, inner, classes);
          problem.label_smoothing = 0.3;
          expect_reference(problem, 17);
          for (int64_t c = 0; c < classes; ++c) {
            problem.class_weight.push_back(static_cast<Compute<TypeParam>>(0.25 * (c % 7)));
          }
          expect_reference(problem, 40);
          problem.grad_value.resize(1);
          expect_reference(problem, 40);
        }
      }
    }
  });
}

TYPED_TEST(DenseCrossentropyKernel, IsTheSameInWhateverRangesItRuns) {
  for_each_target([] {
    for (const From from : kBoth) {
      for (const int64_t classes : {2, 10, 70, 150}) {
        for (const int64_t inner : {1, 9}) {
          const auto problem = draw_problem<TypeParam>(from, 90, classes, inner, 5);
          const auto whole = run(problem, 90);
          for (const int64_t step : {1, 7, 16, 33}) {
            const auto parts = run(problem, step);
            EXPECT_EQ(parts.value, whole.value);
            for (size_t i = 0; i < whole.grad.size(); ++i) {
              ASSERT_EQ(as_double(parts.grad[i]), as_double(whole.grad[i]));
            }
          }
        }
      }
    }
  });
}

TYPED_TEST(DenseCrossentropyKernel, KeepsNanToItsRowAndOutOfRowsWithoutWeight) {
  for_each_target([] {
    for (const From from : kBoth) {
      for (const int64_t classes : {2, 3, 10, 40, 300}) {
        auto problem = draw_problem<TypeParam>(from, 40, classes, 1, 1);
        for (const int64_t row : {5, 20}) {
          problem.y_pred[row * classes + classes / 2] =
              from_compute<TypeParam>(std::numeric_limits<Compute<TypeParam>>::quiet_NaN());
        }
        problem.grad_value[20] = 0;
        const auto results = run(problem, 40);
        for (int64_t row = 0; row < 40; ++row) {
          EXPECT_EQ(std::isnan(results.value[row]), row == 5 || row == 20) << "row " << row;
          for (int64_t c = 0; c < classes; ++c) {
            const double grad = as_double(results.grad[row * classes + c]);
            ASSERT_EQ(std::isnan(grad), row == 5) << "row " << row << " class " << c;
            if (row == 20) {
              ASSERT_EQ(grad, 0.0);
            }
          }
        }
      }
    }
  });
}

TYPED_TEST(DenseCrossentropyKernel, ImpossibleClassesWithoutTargetCostNothing) {
  for_each_target([] {
    const auto infinity = std::numeric_limits<Compute<TypeParam>>::infinity();
    for (const int64_t classes : {3, 10, 40, 300, 9000}) {
      for (const int64_t inner : {1, 16}) {
        auto problem = draw_problem<TypeParam>(From::kLogits, 16, classes, inner, 1);
        for (int64_t c = 0; c < classes; ++c) {
          const bool last = c + 1 == classes;
          problem.y_true[problem.at(3, c)] = from_compute<TypeParam>(last ? 1 : 0);
          if (!last) problem.y_pred[problem.at(3, c)] = from_compute<TypeParam>(-infinity);
        }
        const auto results = run(problem, 16);
        EXPECT_EQ(results.value[3], 0.0);
        for (int64_t c = 0; c < classes; ++c) {
          EXPECT_EQ(as_double(results.grad[problem.at(3, c)]), 0.0);
        }
      }
    }
  });
}

TYPED_TEST(DenseCrossentropyKernel, TakesRowsOfZerosAsUniformAndClips) {
  for_each_target([] {
    for (const int64_t classes : {2, 10, 40, 300}) {
      auto problem = draw_problem<TypeParam>(From::kProbabilities, 20, classes, 1, 1);
      for (int64_t c = 0; c < classes; ++c) {
        problem.y_pred[problem.at(3, c)] = from_compute<TypeParam>(0);
        problem.y_pred[problem.at(4, c)] = from_compute<TypeParam>(c == 1 ? 5 : 0);
      }
      expect_reference(problem, 20);
    }
  });
}

}  // namespace
}  // namespace assay::kernels::cpu::testing
