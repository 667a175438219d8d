// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace assay::kernels::cpu {

/// Keras's epsilon, and the range that probabilities are clipped to before a logarithm. In float
/// the upper bound rounds to 1 - 2^-23, as it does in Keras.
template <class C>
inline constexpr C kEpsilon = C(1e-7);
template <class C>
inline constexpr C kLowestProbability = kEpsilon<C>;
template <class C>
inline constexpr C kHighestProbability = C(1) - kEpsilon<C>;

}  // namespace assay::kernels::cpu
