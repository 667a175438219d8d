// SPDX-License-Identifier: Apache-2.0
// What every optimizer is: a configuration in Keras's words that makes a torch::optim::Optimizer.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/options/fields.h>
#include <assay/core/options/json.h>
#include <assay/training/optimizers/update.h>
#include <assay/training/schedules/learning_rate.h>
#include <torch/optim/optimizer.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Keras's optimizers, on LibTorch's.
namespace assay::training::optimizers {

using schedules::LearningRate;

/// The base of all optimizers.
///
///     optimizers::Adam adam({.learning_rate = 1e-3});
///     auto updater = adam.make(net->parameters());     // a torch::optim::Adam
///     loss.backward();
///     optimizers::set_learning_rate(*updater, adam.learning_rate()(step));   // for a schedule
///     updater->step();
///
/// The object is the configuration alone; state lives in what `make` returns. That is one of
/// LibTorch's optimizers with LibTorch's state (torch::save, torch::load and optimizer_state work),
/// whose `step` does what Keras does when it applies gradients, to Keras's formula: it clips,
/// decays the weights (`weight_decay` is decoupled in every Keras optimizer; LibTorch adds it to
/// the gradient, but for AdamW), and updates. Parameters without a gradient are left alone. Each
/// class says where Keras's formula differs from LibTorch's.
///
/// With `use_ema` it also keeps moving averages of the weights (optimizers/weight_averages.h).
/// `gradient_accumulation_steps` is for whoever calls `step` (the Trainer) to honour, as is
/// `finalize_weights` at the end.
/// Source: keras.optimizers.Optimizer.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// An optimizer of these parameters, with the learning rate of step 0.
  /// Errors: ValueError where there are no parameters, or one of them is undefined, given twice, no
  /// leaf of the graph, or not of a real floating type.
  std::unique_ptr<torch::optim::Optimizer> make(std::vector<at::Tensor> parameters) const;

  /// A number or a schedule: `learning_rate()(step)` is the rate that follows `step` updates.
  virtual const LearningRate& learning_rate() const = 0;

  /// Batches whose gradients are averaged for one update; nothing: each batch is an update.
  virtual std::optional<std::int64_t> gradient_accumulation_steps() const = 0;

  /// The options as Keras writes them; `optimizers::get` reads them.
  virtual Json get_config() const = 0;

  /// Keras's class name.
  virtual std::string class_name() const = 0;

 protected:
  /// `make`, for parameters that were checked.
  virtual std::unique_ptr<torch::optim::Optimizer> make_checked(
      std::vector<at::Tensor> parameters) const = 0;
};

/// The learning rate that the next `step` uses, of the first parameter group.
double learning_rate(const torch::optim::Optimizer& optimizer);

/// Gives all parameter groups this learning rate.
/// Errors: ValueError where it is negative or not finite; nothing is then changed.
void set_learning_rate(torch::optim::Optimizer& optimizer, double learning_rate);

/// The fields that every optimizer has, for the start of its list, in Keras's order.
template <class Options>
constexpr auto optimizer_fields() {
  constexpr Constraint<std::optional<double>> positive_or_null{
      [](const std::optional<double>& x) { return !x || positive.holds(*x); },
      "a number greater than 0, or null"};
  constexpr Constraint<std::optional<double>> not_negative_or_null{
      [](const std::optional<double>& x) { return !x || not_negative.holds(*x); },
      "a number of at least 0, or null"};
  return fields(
      field("name", &Options::name, "Label in logs."),
      field("learning_rate", &Options::learning_rate, "A number, or a schedule of it.",
            schedules::valid_learning_rate),
      field("weight_decay", &Options::weight_decay,
            "What each update takes from a weight: learning_rate * weight_decay * weight.",
            not_negative_or_null),
      field("clipnorm", &Options::clipnorm, "Greatest norm of each parameter's gradient.",
            positive_or_null),
      field("global_clipnorm", &Options::global_clipnorm,
            "Greatest norm of all gradients together.", positive_or_null),
      field("clipvalue", &Options::clipvalue, "Greatest absolute value in a gradient.",
            positive_or_null),
      field("use_ema", &Options::use_ema,
            "Whether moving averages of the weights are kept, which they become after training."),
      field("ema_momentum", &Options::ema_momentum, "What is kept of an average at each update.",
            in_unit_interval),
      field("ema_overwrite_frequency", &Options::ema_overwrite_frequency,
            "Updates after which the weights become their averages; null: at the end alone.",
            {[](const std::optional<std::int64_t>& updates) { return !updates || *updates >= 1; },
             "an integer of at least 1, or null"}),
      field("loss_scale_factor", &Options::loss_scale_factor, "Keras's, for float16.",
            {[](const std::optional<double>& factor) { return !factor; },
             "null: assay's mixed precision is bfloat16, which needs no scaled loss"}),
      field("gradient_accumulation_steps", &Options::gradient_accumulation_steps,
            "Batches whose gradients are averaged for one update; null: each is an update.",
            {[](const std::optional<std::int64_t>& steps) { return !steps || *steps >= 2; },
             "an integer of at least 2, or null"}));
}

/// An optimizer with options: the configuration, written once.
/// A source that defines `Derived` includes optimizer-inl.h.
template <class OptionsType>
class OptimizerOf : public Optimizer {
 public:
  /// The plain struct with this class's options.
  using Options = OptionsType;

  /// Errors: ValueError for a value out of range, or more than one of clipnorm, clipvalue and
  /// global_clipnorm.
  explicit OptimizerOf(Options options = {});

  /// What the optimizer was made with.
  const Options& options() const { return options_; }
  /// The option of that name.
  const LearningRate& learning_rate() const override { return options_.learning_rate; }
  /// The option of that name.
  std::optional<std::int64_t> gradient_accumulation_steps() const override {
    return options_.gradient_accumulation_steps;
  }
  /// The options by their field list, as Keras writes them.
  Json get_config() const override;
  /// `Options::class_name`.
  std::string class_name() const override { return Options::class_name; }

 protected:
  /// What the options say of clipping, decay and averages, for `make_checked`.
  UpdateRules update_rules() const {
    return {.weight_decay = options_.weight_decay,
            .clipnorm = options_.clipnorm,
            .clipvalue = options_.clipvalue,
            .global_clipnorm = options_.global_clipnorm,
            .average = average_rule()};
  }

 private:
  std::optional<AverageRule> average_rule() const {
    if (!options_.use_ema) return std::nullopt;
    return AverageRule{.momentum = options_.ema_momentum,
                       .overwrite_every = options_.ema_overwrite_frequency};
  }

  Options options_;
};

}  // namespace assay::training::optimizers

namespace assay {
namespace optimizers = training::optimizers;
}
