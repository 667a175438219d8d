// SPDX-License-Identifier: Apache-2.0
// Where fit, evaluate and predict get their batches: a loader of a dataset, or a range.
#pragma once
#include <assay/training/data/loader.h>
#include <assay/training/data_argument.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#pragma GCC visibility push(hidden)
namespace assay::training {

/// The batches of a run, epoch by epoch.
class BatchSource {
 public:
  /// The next batch; nothing at the end.
  using Next = BatchRange::Next;

  /// `steps` is how many batches an epoch has; nothing: all. A range of batches with `steps` goes
  /// on in the next epoch where the last one stopped, and begins again at its end.
  /// Errors: those of Loader, and ValueError where `steps` are below 1 or more than the dataset
  /// has; `what` names who asks. Of a range that is divided (`options.part`) every process reads
  /// all batches, and gives its rows of each.
  BatchSource(const Data& data, const LoaderOptions& options, std::optional<std::int64_t> steps,
              const char* what);

  /// Batches in an epoch; nothing where a range has to tell.
  std::optional<std::int64_t> steps() const { return steps_; }

  /// The batches of an epoch from one of its batches on. Those of a range that come before, and
  /// were not read here, are read and left out.
  Next epoch(std::int64_t epoch, std::int64_t first_batch);

  /// Rows of the batch that was given last, before it was divided.
  std::int64_t whole_rows() const { return whole_rows_; }

  /// The order of another seed.
  void set_seed(std::uint64_t seed);

 private:
  Next epoch_of_range(std::int64_t epoch, std::int64_t first_batch);
  std::optional<Batch> next_of_range();
  Batch part_of(const Batch& batch) const;
  void skip_in_range(std::int64_t batches);

  std::shared_ptr<const Dataset> dataset_;
  std::optional<Loader> loader_;
  std::shared_ptr<const BatchRange> range_;
  BatchPart part_;
  std::optional<std::int64_t> steps_;
  Next pass_;                    // through the range, where it goes on
  std::int64_t range_read_ = 0;  // batches of the range, over all passes
  std::int64_t whole_rows_ = 0;
};

}  // namespace assay::training
#pragma GCC visibility pop
