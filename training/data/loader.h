// SPDX-License-Identifier: Apache-2.0
// Batches of a dataset in an order that can be repeated from any point.
#pragma once
#include <assay/training/data/dataset.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>

namespace assay::training {

/// One of the parts into which several processes divide each batch: rows
/// [rows * number / parts, rows * (number + 1) / parts), none where there are fewer rows than
/// parts.
struct BatchPart {
  std::int64_t number = 0;  ///< In [0, parts): the process's rank.
  std::int64_t parts = 1;   ///< The number of processes.

  /// The first row of this part in a batch of so many.
  std::int64_t begin(std::int64_t rows) const { return rows * number / parts; }
  /// The row behind its last.
  std::int64_t end(std::int64_t rows) const { return rows * (number + 1) / parts; }
};

/// Options of `Loader`.
struct LoaderOptions {
  std::int64_t batch_size = 32;  ///< rows of a batch, of all parts together
  bool shuffle = true;           ///< false: the dataset's order, in every epoch
  bool drop_last = false;        ///< whether to leave out a last batch that is not full
  std::uint64_t seed = 0;        ///< decides the orders
  std::int64_t threads = 0;      ///< threads that read ahead; 0: each batch is read when asked for
  std::int64_t prefetch = 4;     ///< batches that may be ready, or in the making, ahead of time
  BatchPart part = {};           ///< what this process reads of each batch
};

class Epoch;

/// Batch b of epoch e holds the samples [b * batch_size, (b + 1) * batch_size) of
/// `permutation(size, seed, e)`: it depends on nothing else, not on threads, nor on LibTorch's
/// random state, nor on what was read before.
///
///     Loader loader(dataset, {.batch_size = 64, .seed = 7, .threads = 2});
///     for (const auto& [x, y, sample_weight] : loader.epoch(3)) ...
///     for (const auto& batch : loader.epoch(3, 17)) ...           // from batch 17 on
class Loader {
 public:
  /// Errors: ValueError for a null or empty dataset, a batch_size or prefetch below 1, threads
  /// below 0, a part outside [0, parts), or where `drop_last` leaves no batch.
  explicit Loader(std::shared_ptr<const Dataset> dataset, LoaderOptions options = {});

  /// Batches in an epoch.
  std::int64_t batches() const;
  /// Rows of a batch, of all parts together; 0 where there is no such batch.
  std::int64_t rows_of_batch(std::int64_t batch) const;

  /// The epoch from one of its batches on; `first_batch` may be batches(), which gives none.
  /// Errors: ValueError for a negative epoch, or a first batch outside [0, batches()].
  Epoch epoch(std::int64_t epoch, std::int64_t first_batch = 0) const;

  /// What is read.
  const Dataset& dataset() const { return *dataset_; }
  /// What the loader was made with.
  const LoaderOptions& options() const { return options_; }

 private:
  std::shared_ptr<const Dataset> dataset_;
  LoaderOptions options_;
};

/// The batches of one epoch, in order. Reading threads end with it.
class Epoch {
 public:
  ///@{
  /// The reading goes on; an iterator of what was moved from is not to be used.
  Epoch(Epoch&&) noexcept;
  Epoch& operator=(Epoch&&) noexcept;
  ///@}
  ~Epoch();

  /// The next batch, or nothing after the last. What `Dataset::rows` throws for a batch comes out
  /// of the call that asks for it.
  std::optional<Batch> next();

  /// For range-for; an epoch can be gone through once.
  class Iterator {
   public:
    ///@{
    /// An input iterator as the standard has it: it compares equal to the end after the last batch.
    using iterator_concept = std::input_iterator_tag;
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;

    explicit Iterator(Epoch* epoch) : epoch_(epoch) { ++*this; }
    const Batch& operator*() const { return *batch_; }
    const Batch* operator->() const { return &*batch_; }
    Iterator& operator++() {
      batch_ = epoch_->next();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return !batch_; }
    ///@}

   private:
    Epoch* epoch_;
    std::optional<Batch> batch_;
  };

  ///@{
  /// `for (const auto& batch : epoch)`; begin reads the first batch.
  Iterator begin() { return Iterator(this); }
  std::default_sentinel_t end() const { return {}; }
  ///@}

 private:
  friend class Loader;
  class Source;
  explicit Epoch(std::unique_ptr<Source> source);
  std::unique_ptr<Source> source_;
};

}  // namespace assay::training
