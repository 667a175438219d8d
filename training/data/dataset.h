// SPDX-License-Identifier: Apache-2.0
// Where batches come from.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace assay::training {

/// Samples, their labels and their weights; the first axis counts samples.
struct Batch {
  at::Tensor x;                   ///< the samples
  at::Tensor y = {};              ///< undefined where there are no labels
  at::Tensor sample_weight = {};  ///< undefined: all weigh the same
};

/// What the columns and classes of a dataset are called; empty where that is unknown.
struct DatasetNames {
  std::vector<std::string> features = {};  ///< of the last axis of `x`
  std::vector<std::string> classes = {};   ///< of the label 0, 1 ...
  /// One list a feature: the texts that stand for 0, 1 ...; empty for a feature that is a number.
  std::vector<std::vector<std::string>> categories = {};
};

/// Samples by number. Implementations are safe to read from several threads at once, and give the
/// same rows for the same numbers at any time.
class Dataset {
 public:
  virtual ~Dataset() = default;

  /// The number of samples; it never changes.
  virtual std::int64_t size() const = 0;

  /// The samples of these numbers, in this order; tensors that share no memory with the dataset.
  /// Errors: ValueError for a number outside [0, size()).
  virtual Batch rows(const std::vector<std::int64_t>& indices) const = 0;

  /// Names for people and reports.
  virtual DatasetNames names() const { return {}; }
};

/// The numbers of all samples of a dataset, in order.
std::vector<std::int64_t> all_rows(const Dataset& dataset);

/// Tensors in memory.
class TensorDataset : public Dataset {
 public:
  /// `y` and `sample_weight` may be undefined.
  /// Errors: ValueError where `x` is undefined, one of them is a scalar, or their first axes
  /// differ.
  explicit TensorDataset(at::Tensor x, at::Tensor y = {}, at::Tensor sample_weight = {},
                         DatasetNames names = {});
  /// The same of a batch.
  explicit TensorDataset(Batch all, DatasetNames names = {});

  std::int64_t size() const override;
  Batch rows(const std::vector<std::int64_t>& indices) const override;
  DatasetNames names() const override { return names_; }

  /// All rows at once, not copied.
  const Batch& tensors() const { return all_; }

 private:
  Batch all_;
  DatasetNames names_;
};

/// Some of the samples of another dataset, in a given order.
class Subset final : public Dataset {
 public:
  /// Errors: ValueError for an index outside [0, dataset->size()).
  Subset(std::shared_ptr<const Dataset> dataset, std::vector<std::int64_t> indices);

  std::int64_t size() const override { return static_cast<std::int64_t>(indices_.size()); }
  Batch rows(const std::vector<std::int64_t>& indices) const override;
  DatasetNames names() const override { return dataset_->names(); }

  /// The numbers of the samples in the other dataset.
  const std::vector<std::int64_t>& indices() const { return indices_; }

 private:
  std::shared_ptr<const Dataset> dataset_;
  std::vector<std::int64_t> indices_;
};

/// Errors: ValueError that names the index, for one outside [0, size).
void check_indices(const std::vector<std::int64_t>& indices, std::int64_t size);

}  // namespace assay::training
