// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/confusion_matrix.h>

#include <cstddef>
#include <vector>

// Plain C++: the time goes into additions at scattered places, which vectors do not help.
namespace assay::kernels::cpu {
namespace {

/// Neighbouring pairs are often the same two classes, and each addition would wait for the one
/// before to be stored: a few copies of a small matrix take them in turn.
constexpr int64_t kCopies = 4;
constexpr int64_t kMaxCopiedClasses = 64;

template <bool kIgnores, class WeightAt>
int64_t add_pairs(const ClassPairs& pairs, int64_t begin, int64_t end, const ConfusionSums& sums,
                  const WeightAt& weight_at) {
  const int64_t classes = pairs.classes;
  const int64_t size = classes * classes;
  const auto in_range = [classes](int64_t c) {
    return static_cast<uint64_t>(c) < static_cast<uint64_t>(classes);
  };
  const bool copies = classes <= kMaxCopiedClasses && end - begin > kCopies * size;
  std::vector<double> copied(copies ? static_cast<size_t>(kCopies * size) : 0);
  double* const matrix[kCopies] = {copies ? copied.data() : sums.matrix,
                                   copies ? copied.data() + size : sums.matrix,
                                   copies ? copied.data() + 2 * size : sums.matrix,
                                   copies ? copied.data() + 3 * size : sums.matrix};
  int64_t first_bad = -1;
  const auto add = [&](int64_t i, double* to) {
    const int64_t t = pairs.y_true[i];
    const int64_t p = pairs.y_pred[i];
    if (kIgnores && t == pairs.ignore_class) return;
    if (in_range(t) && in_range(p)) {
      to[t * classes + p] += weight_at(i);
    } else if (p == kNoClass && in_range(t)) {
      sums.missed[t] += weight_at(i);
    } else if (first_bad < 0) {
      first_bad = i;
    }
  };
  int64_t i = begin;
  for (; i + kCopies <= end; i += kCopies) {
    for (int64_t k = 0; k < kCopies; ++k) add(i + k, matrix[k]);
  }
  for (; i < end; ++i) add(i, matrix[0]);
  if (copies) {
    for (const double* own : matrix) {
      for (int64_t at = 0; at < size; ++at) sums.matrix[at] += own[at];
    }
  }
  return first_bad;
}

template <class WeightAt>
int64_t add_pairs(const ClassPairs& pairs, int64_t begin, int64_t end, const ConfusionSums& sums,
                  const WeightAt& weight_at) {
  return pairs.has_ignore_class ? add_pairs<true>(pairs, begin, end, sums, weight_at)
                                : add_pairs<false>(pairs, begin, end, sums, weight_at);
}

}  // namespace

int64_t add_to_confusion_matrix(const ClassPairs& pairs, int64_t begin, int64_t end,
                                const ConfusionSums& sums) {
  return add_pairs(pairs, begin, end, sums, [](int64_t) { return 1.0; });
}

template <class W>
int64_t add_to_confusion_matrix(const ClassPairs& pairs, const W* weights, int64_t begin,
                                int64_t end, const ConfusionSums& sums) {
  return add_pairs(pairs, begin, end, sums,
                   [weights](int64_t i) { return static_cast<double>(weights[i]); });
}

template int64_t add_to_confusion_matrix<float>(const ClassPairs&, const float*, int64_t, int64_t,
                                                const ConfusionSums&);
template int64_t add_to_confusion_matrix<double>(const ClassPairs&, const double*, int64_t, int64_t,
                                                 const ConfusionSums&);

}  // namespace assay::kernels::cpu
