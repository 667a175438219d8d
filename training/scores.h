// SPDX-License-Identifier: Apache-2.0
// The losses and metrics that a trainer was compiled with, and what they have seen this epoch.
#pragma once
#include <assay/core/options/json.h>
#include <assay/metrics/named_tensors.h>
#include <assay/serialization/safetensors.h>
#include <assay/training/compile_options.h>
#include <assay/training/logs.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace assay::training {

/// The loss of one batch: what is minimised, and each loss of several on its own, unweighted.
///
/// Of a batch that several processes divide it is one process's share: the shares' sum is the loss
/// of the whole batch, also where weights or masks differ, and so are their gradients' sums.
struct BatchLoss {
  at::Tensor total;               ///< Weighted sum of the losses: what is minimised.
  std::vector<at::Tensor> parts;  ///< Each loss by itself.
  std::int64_t rows = 0;          ///< Rows of the whole batch; 0: those of the predictions.
};

/// Replaces numbers (float64) by their sums over all processes.
using SumOverProcesses = std::function<void(at::Tensor& numbers)>;

/// Losses and metrics with their running state.
///
/// "accuracy" and "acc" become BinaryAccuracy where the predictions' last axis is 1,
/// SparseCategoricalAccuracy where the labels have a lower rank than the predictions or end with a
/// 1 that the predictions lack, and CategoricalAccuracy otherwise; "crossentropy" and "ce" become
/// the crossentropies by the same rule. A crossentropy metric chosen so takes `from_logits` from
/// the first loss that has that option; binary accuracy compares with 0.5 whatever the loss, as in
/// Keras. Source: keras.src.trainers.compile_utils (`get_metric`, `get_loss`).
class Scores {
 public:
  /// Errors: ValueError for an unknown name, no loss, or loss_weights that do not match.
  Scores(const LossArguments& losses, std::vector<double> loss_weights,
         const std::vector<MetricArgument>& metrics,
         const std::vector<MetricArgument>& weighted_metrics);

  /// Whether a form still depends on shapes.
  bool resolved() const;
  /// Chooses the forms that depend on shapes. Errors: ValueError.
  void resolve(const at::Tensor& y_true, const at::Tensor& y_pred);

  /// Errors: ValueError where the loss is no scalar (its reduction is `none`).
  BatchLoss loss(const at::Tensor& y_true, const at::Tensor& y_pred,
                 const at::Tensor& sample_weight) const;
  /// The share of a batch of which this process has some rows, or none: then the tensors may be
  /// undefined, and the shares are 0. A loss that is no sum over values (Dice over all axes) is
  /// averaged over the processes by their rows. `whole_rows` are the whole batch's, where they are
  /// known and no process is without some: then `sum` is not called where the losses divide by
  /// rows.
  BatchLoss loss_of_part(const at::Tensor& y_true, const at::Tensor& y_pred,
                         const at::Tensor& sample_weight, std::optional<std::int64_t> whole_rows,
                         const SumOverProcesses& sum) const;

  /// Adds a batch. The reported loss is the mean over batches weighted by their number of rows.
  void update(const at::Tensor& y_true, const at::Tensor& y_pred, const at::Tensor& sample_weight,
              const BatchLoss& loss);
  /// Begins anew, as an epoch does.
  void reset();

  /// Every value, in one transfer from the device. A metric with several results, or a result that
  /// is no scalar, gives one value each: "f1_score[0]".
  Logs read() const;
  /// The total loss alone, as `read` reports it; 0 before the first batch.
  double read_loss() const;

  /// `from_logits` of the first loss that has that option; nothing where none has.
  std::optional<bool> from_logits() const;

  /// Losses and metrics in Keras's serialized form, for messages and checkpoints.
  Json config() const;
  /// The metrics whose form is known, in order.
  std::vector<std::shared_ptr<metrics::Metric>> metrics() const;

  /// The running state as named tensors.
  std::vector<serialization::NamedTensor> state() const;
  /// Chooses open forms as `config` tells, then checks that the tensors fit without taking them.
  /// Errors: ValueError that names what differs; nothing is then changed.
  void check_state(const Json& config, const std::vector<serialization::NamedTensor>& state);
  /// Everything that this process has seen, for the others.
  metrics::NamedTensors packed() const;
  /// Makes the state what all processes have seen together, on a device: the metrics merged in the
  /// order given.
  /// Errors: ValueError where one is of other losses or metrics.
  void merge(const std::vector<metrics::NamedTensors>& all, const at::Device& device);

  /// Takes tensors that `check_state` accepted.
  void load_state(const std::vector<serialization::NamedTensor>& state);

 private:
  struct LossEntry {
    std::string name;
    std::shared_ptr<losses::Loss> loss;  // null until shapes are known
    double weight = 1;
  };
  struct MetricEntry {
    std::string name;
    std::string log_name;
    std::shared_ptr<metrics::Metric> metric;  // null until shapes are known
    bool weighted = false;
  };

  void add_metric(const MetricArgument& argument, bool weighted);
  void add_running_losses(const BatchLoss& loss, std::int64_t rows);

  std::vector<LossEntry> losses_;
  std::vector<MetricEntry> metrics_;
  at::Tensor
      loss_totals_;  // float64: sum of rows x loss, then of each loss where there are several
  at::Tensor rows_;  // int64
};

}  // namespace assay::training
