// SPDX-License-Identifier: Apache-2.0
#include <assay/core/dtype.h>
#include <assay/core/kernels/cpu/sparse_crossentropy.h>
#include <assay/core/operators/kernel_input.h>
#include <assay/core/operators/linear_crossentropy.h>
#include <assay/core/operators/matmul_transposed.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace assay {
namespace {

using kernels::cpu::AxisLayout;
using kernels::cpu::SparseCrossentropyInput;

// Rows that are multiplied at once; hidden states are cut into ranges of them.
constexpr std::int64_t kRangeRows = 1024;
// Logits of a block: 1 MiB in float32, so that they stay in a core's own cache.
constexpr std::int64_t kBlockLogits = 1 << 18;
// What a product over classes adds up in one go, at most. Some BLAS add such a long sum in order,
// and in float32 the hidden states' gradient of a million classes then has three digits.
constexpr std::int64_t kBlockClasses = 8192;

// What is computed with: contiguous, in the compute type; and how it is cut into blocks.
struct LinearProblem {
  explicit LinearProblem(const LinearCrossentropyInput& input)
      : input(input),
        dtype(compute_dtype(input.hidden.scalar_type())),
        hidden(input.hidden.to(dtype).contiguous()),
        labels(input.labels.contiguous()),
        rows(hidden.size(0)),
        classes(input.weight.size(0)),
        block_classes(
            std::clamp<std::int64_t>(kBlockLogits / std::clamp<std::int64_t>(rows, 1, kRangeRows),
                                     1, std::min(classes, kBlockClasses))) {}

  // Calls work(first, hidden) for each range of rows.
  template <class Work>
  void for_each_range(const Work& work) const {
    for (std::int64_t row = 0; row < rows; row += kRangeRows) {
      work(row, hidden.slice(0, row, row + kRangeRows));
    }
  }

  // Calls work(first, weight, bias) for each block of classes.
  template <class Work>
  void for_each_block(const Work& work) const {
    for (std::int64_t c = 0; c < classes; c += block_classes) {
      const auto n = std::min(block_classes, classes - c);
      work(c, input.weight.narrow(0, c, n).to(dtype),
           input.bias.defined() ? input.bias.narrow(0, c, n).to(dtype) : input.bias);
    }
  }

  const std::int64_t* labels_from(std::int64_t row) const {
    return labels.const_data_ptr<std::int64_t>() + row;
  }

  // The mean over the classes of weight and bias: what smoothing adds is linear in the logits.
  at::Tensor mean_weight() const { return input.weight.mean(0, false, dtype); }

  const LinearCrossentropyInput& input;
  at::ScalarType dtype;
  at::Tensor hidden;
  at::Tensor labels;
  std::int64_t rows;
  std::int64_t classes;
  std::int64_t block_classes;
};

// What is known of each row when some blocks were seen.
template <class C>
struct RowsSoFar {
  explicit RowsSoFar(std::int64_t rows)
      : max(static_cast<std::size_t>(rows), -std::numeric_limits<C>::infinity()),
        sum(static_cast<std::size_t>(rows)),
        at_label(static_cast<std::size_t>(rows)) {}

  std::vector<C> max;       // the largest logit
  std::vector<double> sum;  // of exp(logit - max)
  std::vector<C> at_label;  // the label's logit
};

// Adds the logits [rows, classes] of the rows from `row` and the classes from `first_class`.
template <class C>
void add_block(const LinearProblem& problem, const at::Tensor& logits, std::int64_t row,
               std::int64_t first_class, RowsSoFar<C>& so_far) {
  const auto rows = logits.size(0);
  const auto classes = logits.size(1);
  const auto* x = kernel_data<C>(logits);
  const std::vector<std::int64_t> zeros(static_cast<std::size_t>(rows));
  std::vector<C> scratch(static_cast<std::size_t>(3 * rows));
  auto* value = scratch.data();
  auto* max = value + rows;
  auto* sum = max + rows;
  const SparseCrossentropyInput<C> input{
      .y_pred = x, .layout = AxisLayout::contiguous(classes), .labels = zeros.data()};
  parallel_for(0, rows, rows_per_task(classes), [&](std::int64_t begin, std::int64_t end) {
    kernels::cpu::softmax_crossentropy_forward(input, begin, end, value, max, sum);
  });
  const auto* labels = problem.labels_from(row);
  for (std::int64_t i = 0; i < rows; ++i) {
    auto& max_so_far = so_far.max[row + i];
    auto& sum_so_far = so_far.sum[row + i];
    const C both = std::max(max_so_far, max[i]);
    const C shift = std::isfinite(both) ? both : C(0);
    sum_so_far = sum_so_far * std::exp(max_so_far - shift) + sum[i] * std::exp(max[i] - shift);
    max_so_far = both;
    const auto label = labels[i] - first_class;
    if (label >= 0 && label < classes) so_far.at_label[row + i] = x[i * classes + label];
  }
}

// A block's logits become their gradient, without smoothing, where they stand.
template <class C>
void to_gradient(const LinearProblem& problem, const at::Tensor& logits, std::int64_t row,
                 std::int64_t first_class, const C* max, const C* sum, const C* grad) {
  const auto rows = logits.size(0);
  const auto classes = logits.size(1);
  auto* x = mutable_kernel_data<C>(logits);
  // To the kernel a label of another block is class 0, which afterwards gets its own gradient.
  std::vector<std::int64_t> labels(static_cast<std::size_t>(rows));
  std::vector<std::optional<C>> first(static_cast<std::size_t>(rows));
  for (std::int64_t i = 0; i < rows; ++i) {
    const auto label = problem.labels_from(row)[i] - first_class;
    if (label >= 0 && label < classes) {
      labels[i] = label;
    } else if (grad[i] != 0) {
      first[i] = std::exp(x[i * classes] - max[i]) * (grad[i] / sum[i]);
    }
  }
  const SparseCrossentropyInput<C> input{
      .y_pred = x, .layout = AxisLayout::contiguous(classes), .labels = labels.data()};
  parallel_for(0, rows, rows_per_task(classes), [&](std::int64_t begin, std::int64_t end) {
    kernels::cpu::softmax_crossentropy_backward(input, begin, end, max, sum, grad, 1, x);
  });
  for (std::int64_t i = 0; i < rows; ++i) {
    if (first[i]) x[i * classes] = *first[i];
  }
}

// Calls work with a type for float32 or float64.
template <class Work>
void dispatch_compute_type(at::ScalarType dtype, const Work& work) {
  if (dtype == at::kDouble) {
    work.template operator()<double>();
  } else {
    work.template operator()<float>();
  }
}

// Sums that grow range by range of rows: the first is taken over, the others are added to it.
void accumulate(at::Tensor& sum, at::Tensor addend) {
  if (sum.defined()) {
    sum.add_(addend);
  } else {
    sum = std::move(addend);
  }
}

}  // namespace

LinearCrossentropyRows linear_crossentropy_forward_cpu(const LinearCrossentropyInput& input) {
  const LinearProblem problem(input);
  const auto options = problem.hidden.options();
  LinearCrossentropyRows result{.values = at::empty({problem.rows}, options),
                                .max = at::empty({problem.rows}, options),
                                .sum = at::empty({problem.rows}, options)};
  const auto a = input.label_smoothing;
  at::Tensor means;
  if (a != 0) {
    means = at::mv(problem.hidden, problem.mean_weight());
    if (input.bias.defined()) means = means + input.bias.mean(0, false, problem.dtype);
  }
  dispatch_compute_type(problem.dtype, [&]<class C>() {
    RowsSoFar<C> rows(problem.rows);
    problem.for_each_block([&](std::int64_t c, const at::Tensor& weight, const at::Tensor& bias) {
      problem.for_each_range([&](std::int64_t row, const at::Tensor& hidden) {
        add_block(problem, matmul_transposed(hidden, weight, bias), row, c, rows);
      });
    });
    auto* value = mutable_kernel_data<C>(result.values);
    auto* max = mutable_kernel_data<C>(result.max);
    auto* sum = mutable_kernel_data<C>(result.sum);
    for (std::int64_t i = 0; i < problem.rows; ++i) {
      max[i] = rows.max[i];
      sum[i] = static_cast<C>(rows.sum[i]);
      const bool ignored = input.ignore_class == problem.labels_from(i)[0];
      const double label = rows.at_label[i];
      const double target = a == 0 ? label : (1 - a) * label + a * kernel_data<C>(means)[i];
      value[i] = ignored ? C(0) : static_cast<C>(std::log(rows.sum[i]) + (rows.max[i] - target));
    }
  });
  return result;
}

LinearCrossentropyGradients linear_crossentropy_backward_cpu(const at::Tensor& grad,
                                                             const LinearCrossentropyInput& input,
                                                             const LinearCrossentropyRows& rows,
                                                             const LinearCrossentropyWants& wants) {
  LinearProblem problem(input);
  const auto& hidden = problem.hidden;
  auto g = grad.to(problem.dtype).contiguous();
  if (input.ignore_class) g = g.masked_fill(problem.labels.eq(*input.ignore_class), 0);
  const auto kept = g.ne(0).nonzero().squeeze(1);
  if (kept.numel() < problem.rows) {
    // What such a row holds, a NaN for one, must not meet its zero in a product.
    problem.hidden = at::where(g.ne(0).unsqueeze(1), hidden, at::zeros({}, hidden.options()));
  }
  LinearCrossentropyGradients result;
  if (wants.hidden) result.hidden = at::zeros_like(hidden);
  if (wants.weight) result.weight = at::zeros(input.weight.sizes(), input.weight.options());
  if (wants.bias) result.bias = at::zeros(input.bias.sizes(), input.bias.options());
  if (problem.rows == 0) return result;

  // Of smoothing a: -g (t - l) where t = (1 - a) l + a / classes, and l is 1 at the label.
  const auto a = input.label_smoothing;
  const auto kept_labels = problem.labels.index_select(0, kept);
  const auto kept_g = g.index_select(0, kept) * a;
  const auto kept_hidden = a != 0 ? hidden.index_select(0, kept) : at::Tensor();

  // Of each range of rows [features, rows], for the classifier's gradient.
  std::vector<at::Tensor> transposed;
  if (wants.weight) {
    problem.for_each_range(
        [&](std::int64_t, const at::Tensor& own) { transposed.push_back(own.t().contiguous()); });
  }
  dispatch_compute_type(problem.dtype, [&]<class C>() {
    problem.for_each_block([&](std::int64_t c, const at::Tensor& weight, const at::Tensor& bias) {
      const auto n = weight.size(0);
      at::Tensor weight_grad;  // [features, classes]
      at::Tensor bias_grad;
      problem.for_each_range([&](std::int64_t row, const at::Tensor& own) {
        const auto logits = matmul_transposed(own, weight, bias);
        to_gradient(problem, logits, row, c, kernel_data<C>(rows.max) + row,
                    kernel_data<C>(rows.sum) + row, kernel_data<C>(g) + row);
        if (wants.hidden) {
          result.hidden.slice(0, row, row + kRangeRows).add_(matmul_transposed(logits, weight.t()));
        }
        if (wants.weight) {
          accumulate(weight_grad, matmul_transposed(transposed[row / kRangeRows], logits.t()));
        }
        if (wants.bias) accumulate(bias_grad, logits.sum(0));
      });
      if (a != 0) {
        const auto here = kept_labels.ge(c).logical_and(kept_labels.lt(c + n));
        const auto at_label = (kept_labels - c).masked_select(here);
        const auto own_g = kept_g.masked_select(here);
        const auto share = static_cast<double>(problem.classes);
        if (wants.weight) {
          const auto own_rows = here.nonzero().squeeze(1);
          weight_grad.t().index_add_(0, at_label,
                                     kept_hidden.index_select(0, own_rows) * own_g.unsqueeze(1));
          weight_grad.t().sub_(at::mv(kept_hidden.t(), kept_g) / share);
        }
        if (wants.bias) {
          bias_grad.index_add_(0, at_label, own_g);
          bias_grad.sub_(kept_g.sum() / share);
        }
      }
      if (wants.weight) result.weight.narrow(0, c, n).copy_(weight_grad.t());
      if (wants.bias) result.bias.narrow(0, c, n).copy_(bias_grad);
    });
  });
  if (wants.hidden && a != 0) {
    const auto own = input.weight.index_select(0, kept_labels).to(problem.dtype);
    result.hidden.index_add_(0, kept, (own - problem.mean_weight()) * kept_g.unsqueeze(1));
  }
  if (wants.hidden) result.hidden = result.hidden.to(input.hidden.scalar_type());
  return result;
}

}  // namespace assay
