// SPDX-License-Identifier: Apache-2.0
#include <assay/core/dtype.h>
#include <assay/core/kernels/cpu/sparse_crossentropy.h>
#include <assay/core/operators/kernel_input.h>
#include <assay/core/operators/linear_crossentropy.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace assay {
namespace {

using kernels::cpu::AxisLayout;
using kernels::cpu::SparseCrossentropyInput;

// Logits of a block: 16 MiB in float32, forward once and backward twice.
constexpr std::int64_t kBlockLogits = 1 << 22;
constexpr std::int64_t kBlockRows = 8192;
// What a product over classes adds up in one go. Some BLAS add such a long sum in order, and in
// float32 the hidden states' gradient of a million classes then has three digits.
constexpr std::int64_t kBlockClasses = 8192;
// Of the pass that makes values and gradients: 64 MiB in float32.
constexpr std::int64_t kOnePassLogits = 1 << 24;
constexpr std::int64_t kLeastRows = 64;

// A block of logits [rows, classes + 1]. Labels that stand in another block take the last column,
// which is -infinity: the class that is never predicted.
struct LogitsBlock {
  LogitsBlock(std::int64_t rows, std::int64_t classes, const at::TensorOptions& options)
      : all(at::empty({rows, classes + 1}, options)), logits(all.narrow(1, 0, classes)) {
    all.select(1, classes).fill_(-std::numeric_limits<double>::infinity());
  }
  std::int64_t rows() const { return all.size(0); }
  std::int64_t columns() const { return all.size(1); }

  at::Tensor all;
  at::Tensor logits;  // a view without the last column
};

// What is computed with: contiguous, in the compute type; and how it is cut into blocks.
struct LinearProblem {
  explicit LinearProblem(const LinearCrossentropyInput& input)
      : input(input),
        dtype(compute_dtype(input.hidden.scalar_type())),
        hidden(input.hidden.to(dtype).contiguous()),
        labels(input.labels.contiguous()),
        rows(hidden.size(0)),
        classes(input.weight.size(0)),
        block_rows(std::clamp<std::int64_t>(rows, 1, kBlockRows)),
        block_classes(std::min(
            classes, std::clamp<std::int64_t>(kBlockLogits / block_rows, 64, kBlockClasses))) {}

  // Calls work(first, last) for each range of rows.
  template <class Work>
  void for_each_range(const Work& work) const {
    for (std::int64_t row = 0; row < rows; row += block_rows) {
      work(row, std::min(row + block_rows, rows));
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

  LogitsBlock logits(std::int64_t row, std::int64_t end, const at::Tensor& weight,
                     const at::Tensor& bias) const {
    LogitsBlock block(end - row, weight.size(0), hidden.options());
    logits_into(block.logits, hidden.slice(0, row, end), weight, bias);
    return block;
  }

  static void logits_into(at::Tensor logits, const at::Tensor& own, const at::Tensor& weight,
                          const at::Tensor& bias) {
    if (bias.defined()) {
      at::addmm_out(logits, bias, own, weight.t());
    } else {
      at::mm_out(logits, own, weight.t());
    }
  }

  bool is_ignored(std::int64_t label) const { return input.ignore_class == label; }

  // The mean over the classes of weight and bias: what smoothing adds is linear in the logits.
  at::Tensor mean_weight() const { return input.weight.mean(0, false, dtype); }

  const LinearCrossentropyInput& input;
  at::ScalarType dtype;
  at::Tensor hidden;
  at::Tensor labels;
  std::int64_t rows;
  std::int64_t classes;
  std::int64_t block_rows;
  std::int64_t block_classes;
};

// Adds a block to the rows' largest logits and sums of exponentials, and finds the labels' logits.
template <class C>
void add_block(const LinearProblem& problem, const LogitsBlock& block, std::int64_t row,
               std::int64_t first_class, C* max, C* sum, C* at_label) {
  const auto rows = block.rows();
  const auto classes = block.columns() - 1;
  const auto* logits = kernel_data<C>(block.all);
  const auto* labels = problem.labels.const_data_ptr<std::int64_t>() + row;
  const std::vector<std::int64_t> zeros(static_cast<std::size_t>(rows));
  std::vector<C> scratch(static_cast<std::size_t>(3 * rows));
  auto* value = scratch.data();
  auto* block_max = value + rows;
  auto* block_sum = block_max + rows;
  const SparseCrossentropyInput<C> input{
      .y_pred = logits, .layout = {classes, 1, classes + 1}, .labels = zeros.data()};
  parallel_for(0, rows, rows_per_task(classes), [&](std::int64_t begin, std::int64_t end) {
    kernels::cpu::softmax_crossentropy_forward(input, begin, end, value, block_max, block_sum);
  });
  for (std::int64_t i = 0; i < rows; ++i) {
    const C both = std::max(max[i], block_max[i]);
    const C shift = std::isfinite(both) ? both : C(0);
    sum[i] = sum[i] * std::exp(max[i] - shift) + block_sum[i] * std::exp(block_max[i] - shift);
    max[i] = both;
    const auto label = labels[i] - first_class;
    if (label >= 0 && label < classes) at_label[i] = logits[i * (classes + 1) + label];
  }
}

// The gradient of a block's logits without smoothing.
template <class C>
at::Tensor block_gradient(const LinearProblem& problem, const LogitsBlock& block, std::int64_t row,
                          std::int64_t first_class, const C* max, const C* sum, const C* grad) {
  const auto rows = block.rows();
  const auto classes = block.columns() - 1;
  std::vector<std::int64_t> labels(static_cast<std::size_t>(rows));
  for (std::int64_t i = 0; i < rows; ++i) {
    const auto label = problem.labels.const_data_ptr<std::int64_t>()[row + i] - first_class;
    labels[i] = label >= 0 && label < classes ? label : classes;
  }
  const auto result = at::empty_like(block.all);
  const SparseCrossentropyInput<C> input{.y_pred = kernel_data<C>(block.all),
                                         .layout = AxisLayout::contiguous(classes + 1),
                                         .labels = labels.data()};
  auto* to = mutable_kernel_data<C>(result);
  parallel_for(0, rows, rows_per_task(classes), [&](std::int64_t begin, std::int64_t end) {
    kernels::cpu::softmax_crossentropy_backward(input, begin, end, max, sum, grad, 1, to);
  });
  return result.narrow(1, 0, classes);
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

// Whole rows of logits become their gradient where they stand.
void to_values_and_gradient(const LinearProblem& problem, const at::Tensor& logits,
                            std::int64_t row, double grad, const LinearCrossentropyRows& to) {
  dispatch_compute_type(problem.dtype, [&]<class C>() {
    const SparseCrossentropyInput<C> input{
        .y_pred = kernel_data<C>(logits),
        .layout = AxisLayout::contiguous(problem.classes),
        .labels = problem.labels.const_data_ptr<std::int64_t>() + row,
        .label_smoothing = problem.input.label_smoothing,
        .has_ignore_class = problem.input.ignore_class.has_value(),
        .ignore_class = problem.input.ignore_class.value_or(0)};
    auto* value = mutable_kernel_data<C>(to.values) + row;
    auto* max = mutable_kernel_data<C>(to.max) + row;
    auto* sum = mutable_kernel_data<C>(to.sum) + row;
    auto* gradient = mutable_kernel_data<C>(logits);
    const auto each = static_cast<C>(grad);
    parallel_over_blocks(logits.size(0), problem.classes, 1,
                         [&](std::int64_t begin, std::int64_t end) {
                           kernels::cpu::softmax_crossentropy_with_gradient(
                               input, begin, end, value, max, sum, each, gradient);
                         });
  });
}

}  // namespace

LinearCrossentropyRows linear_crossentropy_forward_cpu(const LinearCrossentropyInput& input) {
  const LinearProblem problem(input);
  const auto options = problem.hidden.options();
  const auto row_max = at::full({problem.rows}, -std::numeric_limits<double>::infinity(), options);
  const auto row_sum = at::zeros({problem.rows}, options);
  const auto values = at::zeros({problem.rows}, options);
  dispatch_compute_type(problem.dtype, [&]<class C>() {
    auto* max = mutable_kernel_data<C>(row_max);
    auto* sum = mutable_kernel_data<C>(row_sum);
    auto* value = mutable_kernel_data<C>(values);
    problem.for_each_block([&](std::int64_t c, const at::Tensor& weight, const at::Tensor& bias) {
      problem.for_each_range([&](std::int64_t row, std::int64_t end) {
        const auto block = problem.logits(row, end, weight, bias);
        add_block(problem, block, row, c, max + row, sum + row, value + row);
      });
    });
    const auto a = static_cast<C>(input.label_smoothing);
    at::Tensor means;
    if (a != 0) {
      means = at::mv(problem.hidden, problem.mean_weight());
      if (input.bias.defined()) means = means + input.bias.mean(0, false, problem.dtype);
    }
    for (std::int64_t i = 0; i < problem.rows; ++i) {
      if (problem.is_ignored(problem.labels.const_data_ptr<std::int64_t>()[i])) {
        value[i] = 0;
        continue;
      }
      const C target = a == 0 ? value[i] : (1 - a) * value[i] + a * kernel_data<C>(means)[i];
      value[i] = std::log(sum[i]) + (max[i] - target);
    }
  });
  return {values, row_max, row_sum};
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
  if (wants.weight) result.weight = at::empty(input.weight.sizes(), input.weight.options());
  if (wants.bias) result.bias = at::empty(input.bias.sizes(), input.bias.options());

  // Of smoothing a: -g (t - l) where t = (1 - a) l + a / classes, and l is 1 at the label.
  const auto a = input.label_smoothing;
  const auto kept_labels = problem.labels.index_select(0, kept);
  const auto kept_g = g.index_select(0, kept) * a;
  const auto kept_hidden = a != 0 ? hidden.index_select(0, kept) : at::Tensor();

  dispatch_compute_type(problem.dtype, [&]<class C>() {
    problem.for_each_block([&](std::int64_t c, const at::Tensor& weight, const at::Tensor& bias) {
      const auto n = weight.size(0);
      const auto weight_grad = wants.weight ? at::zeros_like(weight) : at::Tensor();
      const auto bias_grad = wants.bias ? at::zeros({n}, hidden.options()) : at::Tensor();
      problem.for_each_range([&](std::int64_t row, std::int64_t end) {
        const auto block = problem.logits(row, end, weight, bias);
        const auto logits_grad =
            block_gradient(problem, block, row, c, kernel_data<C>(rows.max) + row,
                           kernel_data<C>(rows.sum) + row, kernel_data<C>(g) + row);
        if (wants.hidden) result.hidden.slice(0, row, end).add_(at::mm(logits_grad, weight));
        if (wants.weight) weight_grad.addmm_(logits_grad.t(), hidden.slice(0, row, end));
        if (wants.bias) bias_grad.add_(logits_grad.sum(0));
      });
      if (a != 0) {
        const auto here = kept_labels.ge(c).logical_and(kept_labels.lt(c + n));
        const auto at_label = (kept_labels - c).masked_select(here);
        const auto own_g = kept_g.masked_select(here);
        const auto share = static_cast<double>(problem.classes);
        if (wants.weight) {
          const auto own_rows = here.nonzero().squeeze(1);
          weight_grad.index_add_(0, at_label,
                                 kept_hidden.index_select(0, own_rows) * own_g.unsqueeze(1));
          weight_grad.sub_(at::mv(kept_hidden.t(), kept_g) / share);
        }
        if (wants.bias) {
          bias_grad.index_add_(0, at_label, own_g);
          bias_grad.sub_(kept_g.sum() / share);
        }
      }
      if (wants.weight) result.weight.narrow(0, c, n).copy_(weight_grad);
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

bool linear_crossentropy_fits_one_pass(const LinearCrossentropyInput& input) {
  const auto rows = input.hidden.size(0);
  return input.label_smoothing < 1 && rows > 0 &&
         std::min(rows, kLeastRows) * input.weight.size(0) <= kOnePassLogits;
}

LinearCrossentropyPass linear_crossentropy_forward_and_backward_cpu(
    double grad, const LinearCrossentropyInput& input, const LinearCrossentropyWants& wants) {
  LinearProblem problem(input);
  problem.block_rows = std::clamp<std::int64_t>(kOnePassLogits / problem.classes, 1, problem.rows);
  problem.block_classes = std::min(problem.classes, kBlockClasses);
  if (input.ignore_class) {
    // What such a row holds, a NaN for one, must not meet its zero in a product.
    problem.hidden =
        problem.hidden.masked_fill(problem.labels.eq(*input.ignore_class).unsqueeze(1), 0);
  }
  const auto& hidden = problem.hidden;
  const auto options = hidden.options();
  LinearCrossentropyPass pass;
  pass.rows = {.values = at::empty({problem.rows}, options),
               .max = at::empty({problem.rows}, options),
               .sum = at::empty({problem.rows}, options)};
  auto& gradients = pass.gradients;
  if (wants.hidden) gradients.hidden = at::empty_like(hidden);
  if (wants.weight) gradients.weight = at::zeros(input.weight.sizes(), options);
  if (wants.bias) gradients.bias = at::zeros({problem.classes}, options);

  const auto all = at::empty({problem.block_rows, problem.classes}, options);
  problem.for_each_range([&](std::int64_t row, std::int64_t end) {
    const auto logits = all.narrow(0, 0, end - row);
    const auto own = hidden.slice(0, row, end);
    problem.for_each_block([&](std::int64_t c, const at::Tensor& weight, const at::Tensor& bias) {
      problem.logits_into(logits.narrow(1, c, weight.size(0)), own, weight, bias);
    });
    to_values_and_gradient(problem, logits, row, grad, pass.rows);
    problem.for_each_block([&](std::int64_t c, const at::Tensor& weight, const at::Tensor&) {
      const auto n = weight.size(0);
      const auto logits_grad = logits.narrow(1, c, n);
      if (wants.hidden) {
        auto part = gradients.hidden.slice(0, row, end);
        if (c == 0) {
          at::mm_out(part, logits_grad, weight);
        } else {
          part.add_(at::mm(logits_grad, weight));
        }
      }
      if (wants.weight) gradients.weight.narrow(0, c, n).addmm_(logits_grad.t(), own);
    });
    if (wants.bias) gradients.bias.add_(logits.sum(0));
  });
  if (wants.hidden) gradients.hidden = gradients.hidden.to(input.hidden.scalar_type());
  if (wants.weight) gradients.weight = gradients.weight.to(input.weight.scalar_type());
  if (wants.bias) gradients.bias = gradients.bias.to(input.bias.scalar_type());
  return pass;
}

}  // namespace assay
