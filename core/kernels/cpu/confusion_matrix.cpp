// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/confusion_matrix.h>
#include <assay/core/kernels/cpu/histogram_copies.h>

#include <cstdint>

// Plain C++: the time goes into additions at scattered places, which vectors do not help.
namespace assay::kernels::cpu {
namespace {

template <bool kIgnores, class WeightAt>
int64_t add_pairs(const ClassPairs& pairs, int64_t begin, int64_t end, const ConfusionSums& sums,
                  const WeightAt& weight_at) {
  const int64_t classes = pairs.classes;
  const auto in_range = [classes](int64_t c) {
    return static_cast<uint64_t>(c) < static_cast<uint64_t>(classes);
  };
  HistogramCopies<double> matrix(sums.matrix, classes * classes, end - begin);
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
  constexpr int64_t kCopies = HistogramCopies<double>::kCopies;
  int64_t i = begin;
  for (; i + kCopies <= end; i += kCopies) {
    for (int64_t k = 0; k < kCopies; ++k) add(i + k, matrix[k]);
  }
  for (; i < end; ++i) add(i, matrix[0]);
  matrix.add_up();
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
