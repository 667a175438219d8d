// SPDX-License-Identifier: Apache-2.0
#include <assay/core/labels.h>
#include <assay/core/operators/fused_operator.h>
#include <assay/core/shapes.h>
#include <assay/losses/ctc.h>
#include <assay/losses/loss-inl.h>

#include <limits>

namespace assay::losses {
namespace {

// The arguments as at::ctc_loss takes them.
struct Sequences {
  at::Tensor log_p;    // [steps, batch, classes]
  at::Tensor labels;   // [batch, length], with the zeros behind the labels
  at::Tensor lengths;  // [batch], labels a row
  at::Tensor steps;    // [batch], on the CPU
};

Sequences sequences(const at::Tensor& y_true, const at::Tensor& y_pred) {
  check_label_range(y_true, y_pred.size(2), {});
  if (y_true.is_cuda()) {
    // LibTorch's kernel reads past the classes without a word.
    at::_assert_async(y_true.ge(0).logical_and(y_true.lt(y_pred.size(2))).all());
  }
  const auto zeros_last = y_true.eq(0).argsort(/*stable=*/true, 1);
  return {at::log_softmax(to_compute(y_pred), -1).transpose(0, 1), y_true.gather(1, zeros_last),
          y_true.ne(0).sum(1), at::full({y_pred.size(0)}, y_pred.size(1), at::kLong)};
}

struct CTCFormula {
  static constexpr auto name = "ctc";
  static constexpr auto options = "";
  static constexpr bool no_meta_kernel = true;

  // The forward recursion over the states blank, label, blank, label ... blank of each sequence.
  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred) {
    const auto [log_p, labels, lengths, steps] = sequences(y_true, y_pred);
    if (y_pred.size(0) == 0) return y_pred.sum({1, 2});
    // The log-probability of no path. It is finite: derivatives at infinity are NaN.
    constexpr double kImpossible = -1e30;

    const auto states = 2 * labels.size(1) + 1;
    const auto state = at::arange(states, labels.options());
    const auto spelt = at::stack({at::zeros_like(labels), labels}, 2).flatten(1);
    const auto classes = at::constant_pad_nd(spelt, {0, 1}, 0);
    const auto emitted = log_p.gather(2, classes.expand({y_pred.size(1), -1, -1}));
    const auto two_back = at::constant_pad_nd(classes, {2, 0}, 0).narrow(1, 0, states);
    const auto may_skip = classes.ne(0).logical_and(classes.ne(two_back)).logical_and(state.ge(2));
    const auto from = [&](const at::Tensor& score, std::int64_t distance) {
      return at::constant_pad_nd(score, {distance, 0}, kImpossible).narrow(1, 0, states);
    };

    auto score = at::where(state.lt(2), emitted[0], kImpossible);
    for (std::int64_t step = 1; step < y_pred.size(1); ++step) {
      const auto skipped = at::where(may_skip, from(score, 2), kImpossible);
      score = at::stack({score, from(score, 1), skipped}).logsumexp(0) + emitted[step];
    }

    const auto last = 2 * lengths.unsqueeze(1);
    const auto after_label = score.gather(1, (last - 1).clamp_min(0));
    // Not logaddexp: its second derivative is NaN for terms this far apart.
    const auto total =
        at::stack({score.gather(1, last), at::where(last.gt(0), after_label, kImpossible)})
            .logsumexp(0);
    constexpr auto kInfinity = std::numeric_limits<double>::infinity();
    return at::where(total.lt(kImpossible / 2), kInfinity, -total).squeeze(1);
  }
};

using CTCOperator = FusedOperator<CTCFormula>;

// LibTorch's kernels, whose derivative has no derivative.
std::vector<at::Tensor> forward(const at::Tensor& y_true, const at::Tensor& y_pred) {
  const auto [log_p, labels, lengths, steps] = sequences(y_true, y_pred);
  if (y_pred.size(0) == 0) return {at::empty({0}, log_p.options())};
  const auto [values, log_alpha] = at::_ctc_loss(log_p, labels, steps, lengths);
  return {values, values.clone(), log_alpha, log_p, labels, lengths, steps};
}

at::Tensor backward(const at::Tensor& grad, const at::Tensor&, const at::Tensor& y_pred,
                    at::TensorList statistics) {
  if (y_pred.size(0) == 0) return at::zeros_like(y_pred);
  const auto& values = statistics[0];
  const auto& log_alpha = statistics[1];
  const auto& log_p = statistics[2];
  const auto& labels = statistics[3];
  const auto& lengths = statistics[4];
  const auto& steps = statistics[5];
  const auto by_log_p =
      at::_ctc_loss_backward(grad.to(log_p.scalar_type()), log_p, labels, steps, lengths, values,
                             log_alpha, /*blank=*/0, /*zero_infinity=*/true);
  return at::_log_softmax_backward_data(by_log_p, log_p, -1, log_p.scalar_type())
      .transpose(0, 1)
      .to(y_pred.scalar_type());
}

TORCH_LIBRARY_FRAGMENT(assay, library) {
  CTCOperator::define(library);
  CTCOperator::implement(library, c10::DispatchKey::CPU, &forward, &backward);
  CTCOperator::implement(library, c10::DispatchKey::CUDA, &forward, &backward);
}

}  // namespace

at::Tensor ctc(const at::Tensor& y_true, const at::Tensor& y_pred) {
  TORCH_CHECK_VALUE(y_true.dim() == 2 && y_pred.dim() == 3 && y_true.size(0) == y_pred.size(0) &&
                        y_pred.size(1) > 0 && y_pred.size(2) > 0,
                    "y_true has shape ", describe(y_true.sizes()), ", y_pred has shape ",
                    describe(y_pred.sizes()),
                    "; expected [batch, length] and [batch, steps, classes]");
  return CTCOperator::call(integer_labels(y_true), y_pred);
}

LossValues CTCImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {ctc(y_true, y_pred)};
}

void register_ctc(LossRegistry& registry) { registry.add<CTCImpl>(); }

}  // namespace assay::losses
