// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <assay/core/kernels/cpu/axis_layout.h>
#include <assay/core/kernels/cpu/scalar_types.h>

#include <cstdint>

/// Cross-entropy with a target for every class. Every function works on the rows [begin, end), and
/// indexes all of its per-row arrays by the row's number, so that ranges may run in parallel; the
/// result of a row does not depend on the range that it is in.
/// T is float, double, BFloat16 or Float16.
namespace assay::kernels::cpu {

/// What the forward and the backward functions read; labels and predictions are contiguous, with
/// the class axis anywhere. Below, a is the label smoothing, C the number of classes, and t_j the
/// row's targets, w being 1 without class weights:
///   t_j = w_j ((1 - a) y_true_j + a/C)
template <class T>
struct DenseCrossentropyInput {
  const T* y_true = nullptr;
  const T* y_pred = nullptr;
  int64_t classes = 0;
  int64_t inner = 1;                         ///< elements after the class axis; see AxisLayout
  const Compute<T>* class_weight = nullptr;  ///< [classes], or null
  double label_smoothing = 0.0;              ///< in [0, 1)
};

/// value = sum_j t_j (log sum_k exp(x_k) - x_j) of each row of logits x; a class without target
/// costs nothing even where its logit is -infinity. The three other arrays, which may be null,
/// receive what the backward function needs: max_j x_j, sum_j exp(x_j - max) and sum_j t_j.
template <class T>
void dense_softmax_crossentropy_forward(const DenseCrossentropyInput<T>& input, int64_t begin,
                                        int64_t end, Compute<T>* value, Compute<T>* row_max,
                                        Compute<T>* row_sum, Compute<T>* row_target);

/// grad_j = g (exp(x_j - max) / row_sum row_target - t_j), g = grad_value[row * grad_stride]: a
/// stride of 0 broadcasts a scalar. Exactly 0 in rows with g == 0, whatever the prediction.
template <class T>
void dense_softmax_crossentropy_backward(const DenseCrossentropyInput<T>& input, int64_t begin,
                                         int64_t end, const Compute<T>* row_max,
                                         const Compute<T>* row_sum, const Compute<T>* row_target,
                                         const Compute<T>* grad_value, int64_t grad_stride,
                                         T* grad);

/// Both at once, for one g: the gradient is made of what the values were where that is possible.
/// None of the arrays is null.
template <class T>
void dense_softmax_crossentropy_with_gradient(const DenseCrossentropyInput<T>& input, int64_t begin,
                                              int64_t end, Compute<T>* value, Compute<T>* row_max,
                                              Compute<T>* row_sum, Compute<T>* row_target,
                                              Compute<T> g, T* grad);

/// From probabilities p, with P = sum_j p_j, q_j = p_j / P (1/C where P is 0), and c_j = clip(q_j,
/// 1e-7, 1 - 1e-7), in the type computed in: value = -sum_j t_j log c_j, as Keras has it
/// (normalised first, then clipped). The two other arrays, which may be null, receive P, and the
/// sum of the t_j whose q_j is not clipped.
template <class T>
void dense_probability_crossentropy_forward(const DenseCrossentropyInput<T>& input, int64_t begin,
                                            int64_t end, Compute<T>* value, Compute<T>* row_sum,
                                            Compute<T>* row_target);

/// grad_j = g / P (row_target - t_j / q_j, without the last term where q_j is clipped); 0 in rows
/// with g == 0 or P == 0.
template <class T>
void dense_probability_crossentropy_backward(const DenseCrossentropyInput<T>& input, int64_t begin,
                                             int64_t end, const Compute<T>* row_sum,
                                             const Compute<T>* row_target,
                                             const Compute<T>* grad_value, int64_t grad_stride,
                                             T* grad);

}  // namespace assay::kernels::cpu
