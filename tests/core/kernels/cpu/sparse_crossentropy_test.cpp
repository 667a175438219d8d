// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/sparse_crossentropy.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "kernel_test.h"

namespace assay::kernels::cpu::testing {
namespace {

enum class From { kLogits, kProbabilities };

/// One problem, its results from the kernels, and the same from plain loops.
template <class T>
struct Problem {
  From from = From::kLogits;
  int64_t rows = 0;
  AxisLayout layout;
  Misaligned<T> y_pred{0};
  std::vector<int64_t> labels;
  std::vector<Compute<T>> class_weight;
  double label_smoothing = 0.0;
  bool has_ignore_class = false;
  int64_t ignore_class = -1;
  std::vector<Compute<T>> grad_value;  // one number, or one a row

  SparseCrossentropyInput<T> input() const {
    return {.y_pred = y_pred.data(),
            .layout = layout,
            .labels = labels.data(),
            .class_weight = class_weight.empty() ? nullptr : class_weight.data(),
            .label_smoothing = label_smoothing,
            .has_ignore_class = has_ignore_class,
            .ignore_class = ignore_class};
  }

  int64_t stride() const { return grad_value.size() == 1 ? 0 : 1; }

  bool ignored(int64_t row) const { return has_ignore_class && labels[row] == ignore_class; }

  double score(int64_t row, int64_t c) const {
    return as_double(y_pred[layout.offset(row) + c * layout.inner]);
  }
};

template <class T>
struct Results {
  std::vector<Compute<T>> value, row_max, row_sum;
  Misaligned<T> grad{0};
};

/// In ranges of `step` rows, as threads would take them.
template <class T>
Results<T> run(const Problem<T>& problem, int64_t step) {
  const auto rows = static_cast<size_t>(problem.rows);
  Results<T> results{std::vector<Compute<T>>(rows, -7), std::vector<Compute<T>>(rows, -7),
                     std::vector<Compute<T>>(rows, -7),
                     Misaligned<T>(rows * problem.layout.classes, from_compute<T>(-7))};
  const SparseCrossentropyInput<T> input = problem.input();
  for (int64_t begin = 0; begin < problem.rows; begin += step) {
    const int64_t end = std::min(begin + step, problem.rows);
    if (problem.from == From::kLogits && problem.stride() == 0) {
      EXPECT_EQ(softmax_crossentropy_with_gradient(input, begin, end, results.value.data(),
                                                   results.row_max.data(), results.row_sum.data(),
                                                   problem.grad_value[0], results.grad.data()),
                -1);
    } else if (problem.from == From::kLogits) {
      EXPECT_EQ(softmax_crossentropy_forward(input, begin, end, results.value.data(),
                                             results.row_max.data(), results.row_sum.data()),
                -1);
      softmax_crossentropy_backward(input, begin, end, results.row_max.data(),
                                    results.row_sum.data(), problem.grad_value.data(),
                                    problem.stride(), results.grad.data());
    } else if (problem.stride() == 0) {
      EXPECT_EQ(probability_crossentropy_with_gradient(input, begin, end, results.value.data(),
                                                       results.row_sum.data(),
                                                       problem.grad_value[0], results.grad.data()),
                -1);
    } else {
      EXPECT_EQ(probability_crossentropy_forward(input, begin, end, results.value.data(),
                                                 results.row_sum.data()),
                -1);
      probability_crossentropy_backward(input, begin, end, results.row_sum.data(),
                                        problem.grad_value.data(), problem.stride(),
                                        results.grad.data());
    }
  }
  return results;
}

/// A row by plain loops. The magnitudes are those of the terms that the value and the gradients are
/// differences of: the scale of what rounding may cost.
struct Reference {
  double value = 0.0;
  double value_magnitude = 0.0;
  std::vector<double> grad;  // for an output gradient of 1
  std::vector<double> grad_magnitude;
};

template <class T>
Reference reference_row(const Problem<T>& problem, int64_t row) {
  using C = Compute<T>;
  using Real = Exact<T>;
  const int64_t classes = problem.layout.classes;
  Reference reference;
  reference.grad.resize(classes);
  reference.grad_magnitude.resize(classes);
  if (problem.ignored(row)) return reference;
  const int64_t label = problem.labels[row];
  const Real a = problem.label_smoothing;
  std::vector<Real> target(classes);
  Real total = 0;
  for (int64_t c = 0; c < classes; ++c) {
    const Real weight = problem.class_weight.empty() ? 1 : problem.class_weight[c];
    target[c] = weight * ((c == label ? 1 - a : 0) + a / classes);
    total += target[c];
  }
  const Real low = C(1e-7);
  const Real high = C(1) - C(1e-7);

  std::vector<Real> x(classes);
  for (int64_t c = 0; c < classes; ++c) {
    x[c] = problem.score(row, c);
    if (problem.from == From::kProbabilities) x[c] = std::log(std::clamp(x[c], low, high));
  }
  const Real max = *std::max_element(x.begin(), x.end());
  Real sum = 0;
  for (const Real v : x) sum += std::exp(v - max);
  Real value = total * std::log(sum);
  for (int64_t c = 0; c < classes; ++c) {
    if (target[c] != 0) value += target[c] * (max - x[c]);
  }
  reference.value = static_cast<double>(value);
  reference.value_magnitude = static_cast<double>(std::fabs(value) + total);
  for (int64_t c = 0; c < classes; ++c) {
    const Real p = total * std::exp(x[c] - max) / sum;
    Real scale = 1;
    if (problem.from == From::kProbabilities) {
      const Real q = problem.score(row, c);
      scale = q >= low && q <= high ? scale / q : 0;
    }
    reference.grad[c] = static_cast<double>(scale * (p - target[c]));
    // The difference x - max is rounded, and what its last place is worth grows with its size.
    reference.grad_magnitude[c] = static_cast<double>(scale * (p * (1 + max - x[c]) + target[c]));
  }
  return reference;
}

template <class T>
void expect_reference_once(const Problem<T>& problem, int64_t step) {
  const Results<T> results = run(problem, step);
  const double few_units = 8 * unit<Compute<T>>();
  const AxisLayout out = AxisLayout::contiguous(problem.layout.classes, problem.layout.inner);
  for (int64_t row = 0; row < problem.rows; ++row) {
    SCOPED_TRACE("row " + std::to_string(row));
    const Reference want = reference_row(problem, row);
    expect_close(results.value[row], want.value, few_units * want.value_magnitude);
    const double g = problem.grad_value[row * problem.stride()];
    for (int64_t c = 0; c < problem.layout.classes; ++c) {
      const double got = as_double(results.grad[out.offset(row) + c * out.inner]);
      expect_close(
          got, g * want.grad[c],
          few_units * std::fabs(g) * want.grad_magnitude[c] + rounding<T>(g * want.grad[c]));
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
Problem<T> draw_problem(From from, int64_t rows, AxisLayout layout, uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal;
  Problem<T> problem;
  problem.from = from;
  problem.rows = rows;
  problem.layout = layout;
  const size_t size = (rows + layout.inner - 1) / layout.inner * layout.outer_stride;
  problem.y_pred = draw_numbers<T>(size, [&] {
    const double x = normal(generator);
    return from == From::kLogits ? 3.0 * x : std::min(std::exp(x - 1.0), 0.9);
  });
  for (int64_t row = 0; row < rows; ++row) {
    problem.labels.push_back(generator() % static_cast<uint32_t>(layout.classes));
    problem.grad_value.push_back(static_cast<Compute<T>>(normal(generator)));
  }
  return problem;
}

template <class T>
class SparseCrossentropyKernel : public ::testing::Test {};
TYPED_TEST_SUITE(SparseCrossentropyKernel, ScalarTypes);

constexpr From kBoth[] = {From::kLogits, From::kProbabilities};

TYPED_TEST(SparseCrossentropyKernel, AgreesWithPlainLoopsAtEverySmallSize) {
  for_each_target([] {
    for (const From from : kBoth) {
      for (int64_t size = 1; size <= 70; ++size) {
        SCOPED_TRACE("size " + std::to_string(size));
        // Many classes in few rows, and few classes in many rows.
        expect_reference(
            draw_problem<TypeParam>(from, 1 + size % 19, AxisLayout::contiguous(size), size), 100);
        expect_reference(
            draw_problem<TypeParam>(from, size, AxisLayout::contiguous(1 + size % 7), size), 100);
        if (::testing::Test::HasFailure()) return;
      }
    }
  });
}

TYPED_TEST(SparseCrossentropyKernel, AgreesWithPlainLoopsInLongRows) {
  for_each_target([] {
    for (const From from : kBoth) {
      for (const int64_t classes : {127, 129, 1000, 2047, 4096, 4097, 4100, 13001}) {
        SCOPED_TRACE("classes " + std::to_string(classes));
        Problem<TypeParam> problem =
            draw_problem<TypeParam>(from, 3, AxisLayout::contiguous(classes), classes);
        expect_reference(problem, 2);
        problem.label_smoothing = 0.1;
        expect_reference(problem, 2);
      }
    }
  });
}

TYPED_TEST(SparseCrossentropyKernel, AgreesWithPlainLoopsOnEveryAxis) {
  for_each_target([] {
    for (const From from : kBoth) {
      for (const int64_t inner : {2, 5, 16, 17, 40}) {
        for (const int64_t classes : {1, 2, 3, 10, 64, 65, 200}) {
          SCOPED_TRACE("inner " + std::to_string(inner) + " classes " + std::to_string(classes));
          Problem<TypeParam> problem = draw_problem<TypeParam>(
              from, 3 * inner, AxisLayout::contiguous(classes, inner), inner + classes);
          expect_reference(problem, 7);
          problem.label_smoothing = 0.2;
          expect_reference(problem, 1000);
        }
      }
    }
  });
}

TYPED_TEST(SparseCrossentropyKernel, TakesEveryOption) {
  for_each_target([] {
    for (const From from : kBoth) {
      for (const int64_t classes : {3, 10, 33, 300}) {
        SCOPED_TRACE("classes " + std::to_string(classes));
        // Rows further apart than their classes.
        AxisLayout layout = AxisLayout::contiguous(classes);
        layout.outer_stride += 5;
        Problem<TypeParam> problem = draw_problem<TypeParam>(from, 37, layout, classes);
        for (int64_t c = 0; c < classes; ++c) {
          problem.class_weight.push_back(static_cast<Compute<TypeParam>>(0.25 * (c % 7)));
        }
        problem.label_smoothing = 0.3;
        problem.has_ignore_class = true;
        problem.ignore_class = -100;
        for (size_t row = 0; row < problem.labels.size(); row += 3) problem.labels[row] = -100;
        expect_reference(problem, 17);
        problem.ignore_class = 1;  // a class that exists
        for (auto& label : problem.labels) label = label == -100 ? 1 : label;
        expect_reference(problem, 100);
        problem.grad_value.resize(1);
        expect_reference(problem, 100);
      }
    }
  });
}

TYPED_TEST(SparseCrossentropyKernel, IsTheSameInWhateverRangesItRuns) {
  for_each_target([] {
    for (const From from : kBoth) {
      for (const int64_t classes : {2, 10, 70, 150}) {
        for (const int64_t inner : {1, 9}) {
          const auto problem =
              draw_problem<TypeParam>(from, 90, AxisLayout::contiguous(classes, inner), 5);
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

TYPED_TEST(SparseCrossentropyKernel, PutsTheGradientOfLogitsInTheirPlace) {
  for_each_target([] {
    for (const int64_t inner : {1, 9}) {
      for (int64_t classes = 1; classes <= 150; ++classes) {
        const auto problem =
            draw_problem<TypeParam>(From::kLogits, 18, AxisLayout::contiguous(classes, inner), 5);
        const auto apart = run(problem, 18);
        auto both = problem.y_pred;
        auto input = problem.input();
        input.y_pred = both.data();
        softmax_crossentropy_backward(input, 0, 18, apart.row_max.data(), apart.row_sum.data(),
                                      problem.grad_value.data(), problem.stride(), both.data());
        for (int64_t i = 0; i < 18 * classes; ++i) {
          ASSERT_EQ(as_double(both[i]), as_double(apart.grad[i])) << classes << " classes";
        }
      }
    }
  });
}

TYPED_TEST(SparseCrossentropyKernel, NamesTheFirstRowWithABadLabel) {
  for_each_target([] {
    for (const From from : kBoth) {
      for (const int64_t classes : {2, 10, 300}) {
        for (const int64_t bad : {int64_t{-1}, classes, std::numeric_limits<int64_t>::max()}) {
          Problem<TypeParam> problem =
              draw_problem<TypeParam>(from, 50, AxisLayout::contiguous(classes), 1);
          problem.labels[23] = bad;
          problem.labels[42] = bad;
          std::vector<Compute<TypeParam>> value(50);
          const auto forward = [&](int64_t begin, int64_t end) {
            return from == From::kLogits
                       ? softmax_crossentropy_forward<TypeParam>(problem.input(), begin, end,
                                                                 value.data(), nullptr, nullptr)
                       : probability_crossentropy_forward<TypeParam>(problem.input(), begin, end,
                                                                     value.data(), nullptr);
          };
          EXPECT_EQ(forward(0, 50), 23);
          EXPECT_EQ(forward(24, 50), 42);
          EXPECT_EQ(forward(24, 42), -1);
          problem.has_ignore_class = true;
          problem.ignore_class = bad;
          EXPECT_EQ(forward(0, 50), -1);
        }
      }
    }
  });
}

TYPED_TEST(SparseCrossentropyKernel, KeepsNanToItsRowAndOutOfRowsWithoutWeight) {
  for_each_target([] {
    const auto nan = std::numeric_limits<Compute<TypeParam>>::quiet_NaN();
    for (const From from : kBoth) {
      for (const int64_t classes : {2, 3, 10, 40, 300, 5000}) {
        for (const int64_t at : {int64_t{0}, classes / 2, classes - 1}) {
          Problem<TypeParam> problem =
              draw_problem<TypeParam>(from, 22, AxisLayout::contiguous(classes), 1);
          for (const int64_t row : {5, 20}) {
            problem.y_pred[row * classes + at] = from_compute<TypeParam>(nan);
          }
          problem.has_ignore_class = true;
          problem.labels[20] = problem.ignore_class;
          auto results = run(problem, 22);
          for (int64_t row = 0; row < 22; ++row) {
            EXPECT_EQ(std::isnan(results.value[row]), row == 5) << "row " << row;
            for (int64_t c = 0; c < classes; ++c) {
              const double grad = as_double(results.grad[row * classes + c]);
              // From probabilities, as with torch.clamp, nothing flows back through the NaN itself.
              const bool clipped = from == From::kProbabilities && c == at;
              ASSERT_EQ(std::isnan(grad), row == 5 && !clipped) << "row " << row << " class " << c;
              if (row == 20) {
                ASSERT_EQ(grad, 0.0);
              }
            }
          }
          problem.grad_value[5] = 0;
          results = run(problem, 22);
          for (int64_t c = 0; c < classes; ++c) {
            ASSERT_EQ(as_double(results.grad[5 * classes + c]), 0.0);
          }
        }
      }
    }
  });
}

TYPED_TEST(SparseCrossentropyKernel, TakesInfiniteLogits) {
  for_each_target([] {
    const double infinity = std::numeric_limits<double>::infinity();
    for (const int64_t classes : {3, 10, 40, 300, 9000}) {
      for (const int64_t inner : {1, 16}) {
        const AxisLayout layout = AxisLayout::contiguous(classes, inner);
        Problem<TypeParam> problem = draw_problem<TypeParam>(From::kLogits, 16, layout, 1);
        const auto put = [&](int64_t row, int64_t c, double x) {
          problem.y_pred[layout.offset(row) + c * inner] =
              from_compute<TypeParam>(static_cast<Compute<TypeParam>>(x));
        };
        for (auto& label : problem.labels) label = classes - 1;
        // Row 1: everything before the label is masked out, so that the loss is 0.
        for (int64_t c = 0; c + 1 < classes; ++c) put(1, c, -infinity);
        // Row 2: the label itself is impossible.
        put(2, classes - 1, -infinity);
        // Row 3: nothing is possible. Row 4: infinity.
        for (int64_t c = 0; c < classes; ++c) put(3, c, -infinity);
        put(4, 0, infinity);
        const auto results = run(problem, 16);
        EXPECT_EQ(results.value[1], 0.0);
        EXPECT_EQ(results.value[2], infinity);
        EXPECT_TRUE(std::isnan(results.value[3]));
        EXPECT_TRUE(std::isnan(results.value[4]));
        for (int64_t c = 0; c < classes; ++c) {
          EXPECT_EQ(as_double(results.grad[layout.offset(1) + c * inner]), 0.0);
        }
        EXPECT_TRUE(std::isfinite(as_double(results.grad[layout.offset(2)])));
      }
    }
  });
}

/// Rows whose largest logit is about 0 need no shift before exp; the others do.
TYPED_TEST(SparseCrossentropyKernel, AgreesWithPlainLoopsAtEveryLevelOfLogits) {
  using T = TypeParam;
  for_each_target([] {
    for (const int64_t classes : {150, 5000}) {
      Problem<T> problem = draw_problem<T>(From::kLogits, 12, AxisLayout::contiguous(classes), 3);
      const double levels[] = {-300, -90, -40, -24, -16, -8, 0, 30, 50, 60, 80, 300};
      for (int64_t row = 0; row < problem.rows; ++row) {
        for (int64_t c = 0; c < classes; ++c) {
          auto& x = problem.y_pred[row * classes + c];
          // From the middle of a row on, so that chunks of it stand at two levels.
          const double level = c < classes / 2 ? levels[row] : levels[row] + row % 5;
          x = from_compute<T>(static_cast<Compute<T>>(as_double(x) + level));
        }
      }
      expect_reference(problem, 12);
      problem.label_smoothing = 0.2;
      expect_reference(problem, 12);
    }
  });
}

TYPED_TEST(SparseCrossentropyKernel, KeepsTheDigitsOfLargeLogits) {
  for_each_target([] {
    for (const int64_t classes : {2, 10, 40, 300}) {
      Problem<TypeParam> problem =
          draw_problem<TypeParam>(From::kLogits, 20, AxisLayout::contiguous(classes), 1);
      for (int64_t row = 0; row < problem.rows; ++row) {
        for (int64_t c = 0; c < classes; ++c) {
          const double x = row == 0 ? (c == 0 ? 1e4 : -1e4) : 1e4 + 8.0 * (c % 3);
          problem.y_pred[row * classes + c] =
              from_compute<TypeParam>(static_cast<Compute<TypeParam>>(x));
        }
        problem.labels[row] = row % 2;
      }
      expect_reference(problem, 20);
    }
  });
}

TEST(ProbabilityCrossentropyKernel, PrintsTheDigitsOfTheReferencePages) {
  for_each_target([] {
    const auto loss = [](const std::vector<float>& p, int64_t label) {
      // Enough rows for a whole tile.
      const std::vector<int64_t> labels(32, label);
      std::vector<float> rows;
      for (size_t i = 0; i < labels.size(); ++i) rows.insert(rows.end(), p.begin(), p.end());
      SparseCrossentropyInput<float> input;
      input.y_pred = rows.data();
      input.layout = AxisLayout::contiguous(static_cast<int64_t>(p.size()));
      input.labels = labels.data();
      std::vector<float> value(labels.size());
      EXPECT_EQ(probability_crossentropy_forward(input, 0, 32, value.data(), nullptr), -1);
      for (const float v : value) EXPECT_EQ(v, value[0]);
      return value[0];
    };
    EXPECT_EQ(loss({1, 0, 0}, 0), 2.3841855e-07F);
    EXPECT_EQ(loss({0, 1, 0}, 1), 2.3841855e-07F);
    EXPECT_FLOAT_EQ(loss({0, 0.5F, 0.5F}, 2), 0.69314730F);
    EXPECT_FLOAT_EQ(loss({2, 1, 1}, 0), std::log(3.0F));
    EXPECT_FLOAT_EQ(loss({0, 0, 0}, 1), std::log(3.0F));
    // Row by row rather than in tiles: 200 classes, of which each adds 1e-7.
    std::vector<float> sure(200);
    sure[7] = 1;
    EXPECT_NEAR(loss(sure, 7), 199e-7, 2e-6);
  });
}

// A row's sum has more digits than float32, so that a cost near 0 keeps its own.
TEST(ProbabilityCrossentropyKernel, RoundsOnce) {
  for_each_target([] {
    for (const int64_t classes : {2, 3, 10, 32}) {
      SCOPED_TRACE("classes " + std::to_string(classes));
      auto problem =
          draw_problem<float>(From::kProbabilities, 2048, AxisLayout::contiguous(classes), 7);
      for (int64_t row = 0; row < problem.rows; ++row) {
        float* p = problem.y_pred.data() + row * classes;
        // From evenly spread to all but certain.
        p[problem.labels[row]] *= std::exp2(static_cast<float>(row % 16));
        const float sum = std::accumulate(p, p + classes, 0.0F);
        for (int64_t c = 0; c < classes; ++c) p[c] = std::min(p[c] / sum, 1 - 0x1p-22F);
      }
      const Results<float> results = run(problem, problem.rows);
      double all = 0;
      for (int64_t row = 0; row < problem.rows; ++row) {
        const double want = reference_row(problem, row).value;
        const double unit = std::ldexp(1.0, std::ilogb(want) - 23);
        const double error = std::fabs(results.value[row] - want) / unit;
        ASSERT_LE(error, 1.0) << "row " << row << ": " << want;
        all += error;
      }
      // Rounding alone is a quarter on average.
      EXPECT_LE(all / static_cast<double>(problem.rows), 0.26);
    }
  });
}

}  // namespace
}  // namespace assay::kernels::cpu::testing
