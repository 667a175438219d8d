// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/elementwise.h>
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

/// f(t, p) from its definition. `high` is the upper bound that probabilities are clipped to, which
/// depends on the type computed in.
template <class Real>
Real reference_value(Elementwise loss, const ElementwiseOptions& o, Real t, Real p, Real high) {
  const auto epsilon = static_cast<Real>(1e-7L);
  const Real e = p - t;
  const auto smooth = [&] { return t * (1 - o.label_smoothing) + Real(o.label_smoothing) / 2; };
  const auto cost = [&](Real target, Real q, Real weight) {
    q = std::clamp(q, epsilon, high);
    return -weight * target * std::log(q) - (1 - target) * std::log(1 - q);
  };
  switch (loss) {
    case Elementwise::kSquaredError:
      return e * e;
    case Elementwise::kAbsoluteError:
      return std::fabs(e);
    case Elementwise::kAbsolutePercentageError:
      return 100 * std::fabs(e) / std::max(std::fabs(t), epsilon);
    case Elementwise::kSquaredLogarithmicError: {
      const Real logs = std::log1p(std::max(p, epsilon)) - std::log1p(std::max(t, epsilon));
      return logs * logs;
    }
    case Elementwise::kHuber: {
      const Real delta = o.delta;
      return std::fabs(e) <= delta ? e * e / 2 : delta * std::fabs(e) - delta * delta / 2;
    }
    case Elementwise::kLogCosh:
      return std::log1p(2 * std::sinh(e / 2) * std::sinh(e / 2));  // log(cosh(e))
    case Elementwise::kQuantile:
      return std::max(-o.quantile * e, (1 - Real(o.quantile)) * e);
    case Elementwise::kPoisson:
      return p - t * std::log(p + epsilon);
    case Elementwise::kKullbackLeibler: {
      const Real target = std::clamp(t, epsilon, Real(1));
      return target * std::log(target / std::clamp(p, epsilon, Real(1)));
    }
    case Elementwise::kHinge:
    case Elementwise::kSquaredHinge: {
      const Real label = o.binary_labels ? 2 * t - 1 : t;
      const Real hinge = std::max(1 - label * p, Real(0));
      return loss == Elementwise::kHinge ? hinge : hinge * hinge;
    }
    case Elementwise::kBinaryCrossentropy: {
      if (!o.from_logits) return cost(smooth(), p, o.pos_weight);
      return o.pos_weight * smooth() * std::log1p(std::exp(-p)) +
             (1 - smooth()) * std::log1p(std::exp(p));
    }
    case Elementwise::kBinaryFocalCrossentropy: {
      const Real target = smooth();
      const Real one = o.from_logits ? 1 / (1 + std::exp(-p)) : p;
      const Real zero = o.from_logits ? 1 / (1 + std::exp(p)) : 1 - p;
      const Real miss = target * zero + (1 - target) * one;
      const Real balance =
          o.apply_class_balancing ? target * o.alpha + (1 - target) * (1 - Real(o.alpha)) : Real(1);
      const Real unclipped =
          target * std::log1p(std::exp(-p)) + (1 - target) * std::log1p(std::exp(p));
      return balance * std::pow(miss, Real(o.gamma)) *
             (o.from_logits ? unclipped : cost(target, p, 1));
    }
  }
  return 0;
}

/// Its derivative by p, from five points: good to about 1e-12 away from kinks.
template <class Real>
Real reference_grad(Elementwise loss, const ElementwiseOptions& o, Real t, Real p, Real high) {
  const auto h = static_cast<Real>(5e-5L);
  const auto f = [&](Real x) { return reference_value(loss, o, t, x, high); };
  return (f(p - 2 * h) - 8 * f(p - h) + 8 * f(p + h) - f(p + 2 * h)) / (12 * h);
}

struct Case {
  std::string name;
  Elementwise loss;
  ElementwiseOptions options;
  // Where targets and predictions are drawn from.
  double t_low, t_high, p_low, p_high;
};

std::vector<Case> cases() {
  const auto with = [](auto set) {
    ElementwiseOptions options;
    set(options);
    return options;
  };
  using O = ElementwiseOptions&;
  return {
      {"squared", Elementwise::kSquaredError, {}, -3, 3, -3, 3},
      {"absolute", Elementwise::kAbsoluteError, {}, -3, 0, 0.01, 3},
      {"percentage", Elementwise::kAbsolutePercentageError, {}, 0.1, 1, 1.01, 3},
      {"logarithmic", Elementwise::kSquaredLogarithmicError, {}, 0, 5, 0.05, 5},
      {"huber", Elementwise::kHuber, {}, -0.4, 0.4, -0.4, 0.4},
      {"huber far", Elementwise::kHuber, with([](O o) { o.delta = 0.3; }), -2, 0, 0.4, 2},
      {"log cosh", Elementwise::kLogCosh, {}, -4, 4, -4, 4},
      {"log cosh small", Elementwise::kLogCosh, {}, 0, 0, 1e-3, 2e-3},
      {"quantile over", Elementwise::kQuantile, with([](O o) { o.quantile = 0.9; }), 0, 1, 1.1, 2},
      {"quantile under", Elementwise::kQuantile, with([](O o) { o.quantile = 0.9; }), 1.1, 2, 0, 1},
      {"poisson", Elementwise::kPoisson, {}, 0, 4, 0.05, 4},
      {"kullback", Elementwise::kKullbackLeibler, {}, 0.05, 0.95, 0.05, 0.95},
      {"hinge", Elementwise::kHinge, {}, -1, 1, -0.9, 0.9},
      {"hinge met", Elementwise::kHinge, {}, 1, 1, 1.1, 2},
      {"hinge binary", Elementwise::kHinge, with([](O o) { o.binary_labels = true; }), 0, 1, -.9,
       .9},
      {"squared hinge", Elementwise::kSquaredHinge, {}, -1, 1, -0.9, 0.9},
      {"bce", Elementwise::kBinaryCrossentropy, {}, 0, 1, 0.05, 0.95},
      {"bce smooth", Elementwise::kBinaryCrossentropy,
       with([](O o) { o.label_smoothing = 0.2, o.pos_weight = 3; }), 0, 1, 0.05, 0.95},
      {"bce logits", Elementwise::kBinaryCrossentropy, with([](O o) { o.from_logits = true; }), 0,
       1, -8, 8},
      {"bce logits smooth", Elementwise::kBinaryCrossentropy,
       with([](O o) { o.from_logits = true, o.label_smoothing = 0.2, o.pos_weight = 3; }), 0, 1, -8,
       8},
      {"focal", Elementwise::kBinaryFocalCrossentropy, {}, 0, 1, 0.05, 0.95},
      {"focal 0", Elementwise::kBinaryFocalCrossentropy, with([](O o) { o.gamma = 0; }), 0, 1, 0.05,
       0.95},
      {"focal 1.5", Elementwise::kBinaryFocalCrossentropy,
       with([](O o) { o.gamma = 1.5, o.apply_class_balancing = true, o.label_smoothing = 0.1; }), 0,
       1, 0.05, 0.95},
      {"focal logits", Elementwise::kBinaryFocalCrossentropy,
       with([](O o) { o.from_logits = true, o.apply_class_balancing = true; }), 0, 1, -6, 6},
      {"focal logits 0.5", Elementwise::kBinaryFocalCrossentropy,
       with([](O o) { o.from_logits = true, o.gamma = 0.5; }), 0, 1, -6, 6},
  };
}

template <class T>
struct Problem {
  int64_t rows;
  ElementwiseInput<T> input;
  Misaligned<T> y_true{0}, y_pred{0};
  std::vector<Compute<T>> grad_value;
  int64_t stride = 1;
};

template <class T>
Problem<T> draw_problem(const Case& c, int64_t rows, int64_t inner) {
  std::mt19937 generator(static_cast<uint32_t>(rows * 100 + inner));
  const auto draw = [&](double low, double high) {
    return draw_numbers<T>(static_cast<size_t>(rows * inner), [&generator, low, high] {
      return std::uniform_real_distribution<double>(low, std::nextafter(high, 100.0))(generator);
    });
  };
  Problem<T> problem{.rows = rows, .input = {}, .grad_value = {}};
  problem.y_true = draw(c.t_low, c.t_high);
  problem.y_pred = draw(c.p_low, c.p_high);
  problem.input = {.loss = c.loss,
                   .options = c.options,
                   .y_true = problem.y_true.data(),
                   .y_pred = problem.y_pred.data(),
                   .inner = inner,
                   .divisor = static_cast<double>(inner)};
  for (int64_t row = 0; row < rows; ++row) {
    problem.grad_value.push_back(static_cast<Compute<T>>(1 + row % 3) / 2);
  }
  return problem;
}

template <class T>
struct Results {
  std::vector<Compute<T>> value;
  Misaligned<T> grad{0};
};

template <class T>
Results<T> run(const Problem<T>& problem, int64_t step) {
  const auto rows = static_cast<size_t>(problem.rows);
  Results<T> results{std::vector<Compute<T>>(rows, -7),
                     Misaligned<T>(rows * problem.input.inner, from_compute<T>(-7))};
  ElementwiseInput<T> input = problem.input;
  input.y_true = problem.y_true.data();
  input.y_pred = problem.y_pred.data();
  for (int64_t begin = 0; begin < problem.rows; begin += step) {
    const int64_t end = std::min(begin + step, problem.rows);
    elementwise_forward(input, begin, end, results.value.data());
    elementwise_backward(input, begin, end, problem.grad_value.data(), problem.stride,
                         results.grad.data());
  }
  return results;
}

template <class T>
void expect_reference(const Case& c, int64_t rows, int64_t inner, bool scalar_grad) {
  using C = Compute<T>;
  using Real = Exact<T>;
  Problem<T> problem = draw_problem<T>(c, rows, inner);
  problem.stride = scalar_grad ? 0 : 1;
  const Results<T> results = run(problem, 40);
  const Real high = C(1) - C(1e-7);
  const double few_units = std::is_same_v<C, double> ? 1e-10 : 1.5e-6;
  for (int64_t row = 0; row < rows; ++row) {
    Real sum = 0;
    Real magnitude = 0;
    for (int64_t i = 0; i < inner; ++i) {
      const Real t = as_double(problem.y_true[row * inner + i]);
      const Real p = as_double(problem.y_pred[row * inner + i]);
      const Real f = reference_value(c.loss, c.options, t, p, high);
      sum += f;
      // A small value may be the difference of large terms only where its definition is one.
      const bool is_difference =
          c.loss == Elementwise::kPoisson || c.loss == Elementwise::kKullbackLeibler;
      magnitude += std::fabs(f) + (is_difference ? std::fabs(p) + std::fabs(t) : Real(0));

      const Real g = Real(problem.grad_value[row * problem.stride]) / inner;
      const auto want = static_cast<double>(g * reference_grad(c.loss, c.options, t, p, high));
      const auto scale = static_cast<double>(g * (1 + std::fabs(t)));
      expect_close(as_double(results.grad[row * inner + i]), want,
                   few_units * (std::fabs(want) + scale) + rounding<T>(want));
    }
    expect_close(
        results.value[row], static_cast<double>(sum / inner),
        (std::is_same_v<C, double> ? 1e-14 : 1e-6) * static_cast<double>(magnitude / inner));
    if (::testing::Test::HasFailure()) {
      ADD_FAILURE() << c.name << ", row " << row << " of " << rows << " x " << inner;
      return;
    }
  }
}

template <class T>
class ElementwiseKernel : public ::testing::Test {};
TYPED_TEST_SUITE(ElementwiseKernel, ScalarTypes);

TYPED_TEST(ElementwiseKernel, AgreesWithTheDefinitionAtEverySmallSize) {
  for_each_target([] {
    for (const Case& c : cases()) {
      for (int64_t inner = 1; inner <= 70; inner += (inner < 20 ? 1 : 7)) {
        expect_reference<TypeParam>(c, 1 + inner % 37, inner, inner % 2 == 0);
        if (::testing::Test::HasFailure()) return;
      }
    }
  });
}

TYPED_TEST(ElementwiseKernel, AgreesWithTheDefinitionInManyRowsAndInLongOnes) {
  for_each_target([] {
    for (const Case& c : {cases()[0], cases()[18]}) {
      expect_reference<TypeParam>(c, 5000, 1, false);
      expect_reference<TypeParam>(c, 5000, 1, true);
      expect_reference<TypeParam>(c, 1000, 3, false);
      expect_reference<TypeParam>(c, 300, 64, false);
      expect_reference<TypeParam>(c, 3, 65, false);
      expect_reference<TypeParam>(c, 3, 2048, true);
      expect_reference<TypeParam>(c, 2, 9001, false);
    }
  });
}

TYPED_TEST(ElementwiseKernel, IsTheSameInWhateverRangesItRuns) {
  for_each_target([] {
    for (const int64_t inner : {1, 2, 10, 64, 100}) {
      const Problem<TypeParam> problem = draw_problem<TypeParam>(cases()[18], 90, inner);
      const auto whole = run(problem, 90);
      for (const int64_t step : {1, 7, 16, 33}) {
        const auto parts = run(problem, step);
        EXPECT_EQ(parts.value, whole.value) << "inner " << inner << " step " << step;
        for (size_t i = 0; i < whole.grad.size(); ++i) {
          ASSERT_EQ(as_double(parts.grad[i]), as_double(whole.grad[i]));
        }
      }
    }
  });
}

TYPED_TEST(ElementwiseKernel, WritesTheSameGradientFromTheForwardReading) {
  using C = Compute<TypeParam>;
  for_each_target([] {
    for (const Case& c : cases()) {
      for (const int64_t inner : {1, 3, 40, 90, 2100}) {
        const int64_t rows = inner > 1000 ? 2 : 30;
        Problem<TypeParam> problem = draw_problem<TypeParam>(c, rows, inner);
        problem.stride = 0;
        problem.grad_value[0] = C(0.375);
        const auto expected = run(problem, rows);
        auto input = problem.input;
        input.y_true = problem.y_true.data();
        input.y_pred = problem.y_pred.data();
        std::vector<C> value(static_cast<size_t>(rows), -7);
        Misaligned<TypeParam> grad(static_cast<size_t>(rows * inner), from_compute<TypeParam>(-7));
        elementwise_forward(input, 0, rows, value.data(), C(0.375), grad.data());
        EXPECT_EQ(value, expected.value) << c.name << ", inner " << inner;
        for (size_t i = 0; i < grad.size(); ++i) {
          ASSERT_EQ(as_double(grad[i]), as_double(expected.grad[i]))
              << c.name << ", inner " << inner;
        }
      }
    }
  });
}

TYPED_TEST(ElementwiseKernel, HasNoGradientWithoutOutputGradientWhateverThePrediction) {
  for_each_target([] {
    for (const Case& c : cases()) {
      for (const int64_t inner : {1, 3, 40, 90}) {
        Problem<TypeParam> problem = draw_problem<TypeParam>(c, 20, inner);
        for (size_t i = 0; i < problem.y_pred.size(); ++i) {
          problem.y_pred[i] =
              from_compute<TypeParam>(std::numeric_limits<Compute<TypeParam>>::quiet_NaN());
        }
        for (int64_t row = 0; row < 20; row += 2) problem.grad_value[row] = 0;
        const auto results = run(problem, 20);
        for (int64_t i = 0; i < 20 * inner; ++i) {
          if (i / inner % 2 == 0) {
            ASSERT_EQ(as_double(results.grad[i]), 0.0) << c.name;
          }
        }
        for (const auto value : results.value) ASSERT_TRUE(std::isnan(value)) << c.name;
      }
    }
  });
}

/// f and its derivative at one point, in float.
std::pair<float, float> at(Elementwise loss, const ElementwiseOptions& options, float t, float p) {
  ElementwiseInput<float> input{.loss = loss, .options = options, .y_true = &t, .y_pred = &p};
  float value = -7;
  const float one = 1;
  float grad = -7;
  elementwise_forward(input, 0, 1, &value);
  elementwise_backward(input, 0, 1, &one, 0, &grad);
  return {value, grad};
}

TEST(ElementwiseKernelPoints, ClipsProbabilitiesInFloat) {
  for_each_target([] {
    const auto wrong_one = at(Elementwise::kBinaryCrossentropy, {}, 1, 0);
    EXPECT_FLOAT_EQ(wrong_one.first, 16.118095F);
    EXPECT_EQ(wrong_one.second, 0);
    const auto wrong_zero = at(Elementwise::kBinaryCrossentropy, {}, 0, 1);
    EXPECT_FLOAT_EQ(wrong_zero.first, 15.942385F);
    EXPECT_EQ(wrong_zero.second, 0);
    EXPECT_FLOAT_EQ(at(Elementwise::kBinaryCrossentropy, {}, 0, 0).first, 1.0000001e-7F);
    EXPECT_FLOAT_EQ(at(Elementwise::kBinaryCrossentropy, {}, 0, 1e-5F).first, 1.00000495e-5F);
    // The ends of the clip themselves pass the gradient.
    EXPECT_FLOAT_EQ(at(Elementwise::kBinaryCrossentropy, {}, 1, 1e-7F).second, -1e7F);
    EXPECT_EQ(at(Elementwise::kKullbackLeibler, {}, 1, 1).second, -1);
    EXPECT_EQ(at(Elementwise::kKullbackLeibler, {}, 1, 1.5F).second, 0);
    EXPECT_FLOAT_EQ(at(Elementwise::kKullbackLeibler, {}, 0, 0.5F).first, -1.5424949e-06F);
  });
}

TEST(ElementwiseKernelPoints, KeepsItsDigitsFarOutAndNearZero) {
  for_each_target([] {
    ElementwiseOptions logits;
    logits.from_logits = true;
    const auto bce = Elementwise::kBinaryCrossentropy;
    EXPECT_EQ(at(bce, logits, 1, -1000).first, 1000);
    EXPECT_EQ(at(bce, logits, 0, 1000).first, 1000);
    EXPECT_EQ(at(bce, logits, 0, -1000).first, 0);
    const float infinity = std::numeric_limits<float>::infinity();
    EXPECT_EQ(at(bce, logits, 1, infinity).first, 0);
    EXPECT_EQ(at(bce, logits, 0, -infinity).first, 0);
    EXPECT_EQ(at(bce, logits, 0, infinity).first, infinity);
    EXPECT_EQ(at(bce, logits, 1, -1000).second, -1);
    EXPECT_EQ(at(bce, logits, 0, 1000).second, 1);
    EXPECT_FLOAT_EQ(at(bce, logits, 0, -20).first, 2.0611537e-09F);
    EXPECT_FLOAT_EQ(at(bce, logits, 1, 20).first, 2.0611537e-09F);
    EXPECT_FLOAT_EQ(at(bce, logits, 0, -20).second, 2.0611537e-09F);
    EXPECT_FLOAT_EQ(at(bce, logits, 1, 20).second, -2.0611537e-09F);
    const auto focal = Elementwise::kBinaryFocalCrossentropy;
    EXPECT_EQ(at(focal, logits, 1, -1000).first, 1000);
    EXPECT_EQ(at(focal, logits, 1, -1000).second, -1);
    EXPECT_EQ(at(focal, logits, 1, 1000).first, 0);
    EXPECT_FLOAT_EQ(at(focal, logits, 1, 10).first, 9.3565610e-14F);
    logits.gamma = 0.5;
    EXPECT_EQ(at(focal, logits, 1, 1000).second, 0);
    EXPECT_EQ(at(focal, logits, 0, -infinity).second, 0);
    const auto logarithmic = Elementwise::kSquaredLogarithmicError;
    EXPECT_FLOAT_EQ(at(logarithmic, {}, 10000, 10001).first, 9.9970007e-9F);
    EXPECT_FLOAT_EQ(at(logarithmic, {}, 0, 1e-3F).first, 9.988011e-7F);
    EXPECT_EQ(at(logarithmic, {}, 1, infinity).first, infinity);
    EXPECT_EQ(at(logarithmic, {}, infinity, 1).first, infinity);
    EXPECT_FLOAT_EQ(at(Elementwise::kLogCosh, {}, 0, 1e-4F).first, 5e-9F);
    EXPECT_FLOAT_EQ(at(Elementwise::kLogCosh, {}, 0, -1e-4F).second, -1e-4F);
    EXPECT_FLOAT_EQ(at(Elementwise::kLogCosh, {}, 0, 1e4F).first, 1e4F - std::log(2.0F));
    EXPECT_EQ(at(Elementwise::kLogCosh, {}, 0, -1e4F).second, -1);
  });
}

TEST(ElementwiseKernelPoints, HasNoGradientAtItsKinks) {
  for_each_target([] {
    EXPECT_EQ(at(Elementwise::kAbsoluteError, {}, 2, 2).second, 0);
    EXPECT_EQ(at(Elementwise::kAbsolutePercentageError, {}, 2, 2).second, 0);
    EXPECT_EQ(at(Elementwise::kQuantile, {}, 2, 2).second, 0);
    EXPECT_EQ(at(Elementwise::kHinge, {}, 1, 1).second, 0);
    EXPECT_EQ(at(Elementwise::kHuber, {}, 0, 1).second, 1);
    EXPECT_FLOAT_EQ(at(Elementwise::kAbsolutePercentageError, {}, 0, 1).first, 1e9F);
  });
}

}  // namespace
}  // namespace assay::kernels::cpu::testing
