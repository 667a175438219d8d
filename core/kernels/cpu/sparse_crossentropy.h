// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <assay/core/kernels/cpu/axis_layout.h>
#include <assay/core/kernels/cpu/scalar_types.h>

#include <cstdint>

/// Cross-entropy with one integer label a row. Every function works on the rows [begin, end), and
/// indexes all of its per-row arrays by the row's number, so that ranges may run in parallel; the
/// result of a row does not depend on the range that it is in.
/// T is float, double, BFloat16 or Float16.
namespace assay::kernels::cpu {

/// What the forward and the backward functions read. Below, a is the label smoothing, C the number
/// of classes, l the row's label, and t_j the row's targets, w being 1 without class weights:
///   t_j = w_j ((1 - a) [j == l] + a/C)
template <class T>
struct SparseCrossentropyInput {
  const T* y_pred = nullptr;
  AxisLayout layout;
  const int64_t* labels = nullptr;
  const Compute<T>* class_weight = nullptr;  ///< [classes], or null
  double label_smoothing = 0.0;              ///< in [0, 1)
  bool has_ignore_class = false;
  int64_t ignore_class = 0;
};

/// value = sum_j t_j (log sum_k exp(x_k) - x_j) of each row of logits x.
/// row_max and row_sum, which may be null, receive what the backward function needs: max_j x_j and
/// sum_j exp(x_j - max). (Their logarithmic sum alone would cost the gradient of large logits its
/// digits.) An ignored row has value, row_max and row_sum 0.
/// Returns -1, or the first row whose label is neither ignored nor in [0, classes).
template <class T>
int64_t softmax_crossentropy_forward(const SparseCrossentropyInput<T>& input, int64_t begin,
                                     int64_t end, Compute<T>* value, Compute<T>* row_max,
                                     Compute<T>* row_sum);

/// grad_j = g (exp(x_j - max) / row_sum sum_k t_k - t_j), g = grad_value[row * grad_stride]: a
/// stride of 0 broadcasts a scalar. `grad` is contiguous, of the same classes and inner as y_pred,
/// and may be y_pred, where that is contiguous. Ignored rows, and rows with g == 0 or no target,
/// are exactly 0 whatever the prediction.
template <class T>
void softmax_crossentropy_backward(const SparseCrossentropyInput<T>& input, int64_t begin,
                                   int64_t end, const Compute<T>* row_max,
                                   const Compute<T>* row_sum, const Compute<T>* grad_value,
                                   int64_t grad_stride, T* grad);

/// Both at once, for one g: the gradient is made of what the values were where that is possible.
/// None of the arrays is null, and grad is not y_pred.
template <class T>
int64_t softmax_crossentropy_with_gradient(const SparseCrossentropyInput<T>& input, int64_t begin,
                                           int64_t end, Compute<T>* value, Compute<T>* row_max,
                                           Compute<T>* row_sum, Compute<T> g, T* grad);

/// From probabilities p, with c_j = clip(p_j, 1e-7, 1 - 1e-7) and S = sum_j c_j, in the type
/// computed in: value = sum_j t_j log(S / c_j), as tf.keras has it (clipped first, then
/// normalised). row_sum, which may be null, receives S. Ignored rows and the return value as above.
template <class T>
int64_t probability_crossentropy_forward(const SparseCrossentropyInput<T>& input, int64_t begin,
                                         int64_t end, Compute<T>* value, Compute<T>* row_sum);

/// grad_j = g (sum_k t_k / S - t_j / c_j) where 1e-7 <= p_j <= 1 - 1e-7, else 0.
template <class T>
void probability_crossentropy_backward(const SparseCrossentropyInput<T>& input, int64_t begin,
                                       int64_t end, const Compute<T>* row_sum,
                                       const Compute<T>* grad_value, int64_t grad_stride, T* grad);

/// Both at once, for one g. None of the arrays is null.
template <class T>
int64_t probability_crossentropy_with_gradient(const SparseCrossentropyInput<T>& input,
                                               int64_t begin, int64_t end, Compute<T>* value,
                                               Compute<T>* row_sum, Compute<T> g, T* grad);

}  // namespace assay::kernels::cpu
