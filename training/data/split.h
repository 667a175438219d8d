// SPDX-License-Identifier: Apache-2.0
// Training, validation and test samples out of one dataset.
#pragma once
#include <assay/core/options/fields.h>
#include <assay/training/data/dataset.h>

#include <cstdint>
#include <memory>

namespace assay::training {

/// Parts of a dataset; those that were not asked for are null.
struct Splits {
  std::shared_ptr<Dataset> train;       ///< What is left: never null.
  std::shared_ptr<Dataset> validation;  ///< Null where its fraction is 0.
  std::shared_ptr<Dataset> test;        ///< Null where its fraction is 0.
};

/// Options of `split`.
struct SplitOptions {
  static constexpr auto class_name = "split";
  double validation = 0;
  double test = 0;
  std::int64_t seed = 0;
  bool stratify = false;
  bool shuffle = true;

  static constexpr auto fields() {
    using O = SplitOptions;
    constexpr Constraint<double> fraction{[](const double& x) { return x >= 0 && x < 1; },
                                          "a fraction in [0, 1)"};
    return assay::fields(
        field("validation", &O::validation, "Fraction of the samples to validate on.", fraction),
        field("test", &O::test, "Fraction of the samples to test on.", fraction),
        field("seed", &O::seed, "Decides which samples go where."),
        field("stratify", &O::stratify, "Whether each part has the same mixture of classes."),
        field("shuffle", &O::shuffle,
              "Whether to draw the parts; else validation, then test, are the last samples."));
  }
};

/// Divides a dataset. Who goes where depends on its size, the options and, where `stratify`, the
/// labels; nothing else. Each sample is in one part, and each part keeps the dataset's order.
///
/// A part has round(fraction * size) samples; where `stratify`, each class gives a part its share,
/// with remainders going to the classes with the largest ones.
///
/// Errors: ValueError for options out of range, fractions that leave nothing to train on, a
/// fraction too small for one sample, `stratify` without `shuffle`, or `stratify` for labels that
/// are not one integer a sample.
Splits split(std::shared_ptr<Dataset> dataset, SplitOptions options);

}  // namespace assay::training
