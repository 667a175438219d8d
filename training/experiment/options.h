// SPDX-License-Identifier: Apache-2.0
// The options of an experiment file.
#pragma once
#include <assay/core/options/fields.h>
#include <assay/training/callbacks/monitor.h>
#include <assay/training/path.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace assay::training {

/// How the dataset is divided: "data.split".
struct SplitSection {
  static constexpr auto class_name = "data.split";
  double validation = 0;
  double test = 0;
  std::optional<std::int64_t> seed = std::nullopt;
  bool stratify = false;
  bool shuffle = true;

  static constexpr auto fields() {
    using O = SplitSection;
    constexpr Constraint<double> fraction{[](const double& x) { return x >= 0 && x < 1; },
                                          "a fraction in [0, 1)"};
    return assay::fields(
        field("validation", &O::validation, "Fraction of the samples to validate on.", fraction),
        field("test", &O::test, "Fraction of the samples to test on.", fraction),
        field("seed", &O::seed, "Decides which samples go where; null: the experiment's."),
        field("stratify", &O::stratify, "Whether each part has the same mixture of classes."),
        field("shuffle", &O::shuffle,
              "Whether to draw the parts; else validation, then test, are the last samples."));
  }
};

/// What is trained, validated and tested on: "data".
struct DataSection {
  static constexpr auto class_name = "data";
  Json dataset = nullptr;
  Json validation = nullptr;
  Json test = nullptr;
  SplitSection split = {};
  bool standardize = false;
  std::optional<std::int64_t> standardize_axis = -1;

  static constexpr auto fields() {
    using O = DataSection;
    return assay::fields(
        field("dataset", &O::dataset, "What is trained on: a dataset's name or JSON.",
              {[](const Json& json) { return !json.is_null(); }, "a dataset"}),
        field("validation", &O::validation, "A dataset to validate on; null: see split."),
        field("test", &O::test, "A dataset to test on; null: see split."),
        field("split", &O::split, "Fractions of the dataset that are set apart."),
        field("standardize", &O::standardize,
              "Whether features get mean 0 and deviation 1, by the training samples."),
        field("standardize_axis", &O::standardize_axis,
              "The axis that counts features, the samples' included; null: one mean for all."));
  }
};

/// How long is trained, and in what batches: "fit".
struct FitSection {
  static constexpr auto class_name = "fit";
  std::int64_t epochs = 1;
  std::int64_t batch_size = 32;
  bool shuffle = true;
  std::optional<std::int64_t> steps_per_epoch = std::nullopt;
  std::int64_t validation_freq = 1;
  std::optional<std::int64_t> validation_steps = std::nullopt;
  std::optional<std::int64_t> validation_batch_size = std::nullopt;
  Json class_weight = nullptr;
  std::int64_t loader_threads = 0;

  static constexpr auto fields() {
    using O = FitSection;
    return assay::fields(
        field("epochs", &O::epochs, "Number of the last epoch.", at_least_one),
        field("batch_size", &O::batch_size, "Samples in a batch.", at_least_one),
        field("shuffle", &O::shuffle, "Whether each epoch has an order of its own."),
        field("steps_per_epoch", &O::steps_per_epoch,
              "Batches in an epoch, its first ones; null: all.", callbacks::count_or_null),
        field("validation_freq", &O::validation_freq, "Epochs from one validation to the next.",
              at_least_one),
        field("validation_steps", &O::validation_steps,
              "Batches that are validated on, the first ones; null: all.",
              callbacks::count_or_null),
        field("validation_batch_size", &O::validation_batch_size,
              "Samples in a batch of validation; null: batch_size.", callbacks::count_or_null),
        field("class_weight", &O::class_weight,
              "Factors on the weight of classes, {\"0\": 1.0, \"1\": 5.0}, or null."),
        field("loader_threads", &O::loader_threads, "Threads that read batches ahead.",
              {[](const std::int64_t& count) { return count >= 0; }, "an integer of at least 0"}));
  }
};

/// What a run that is cut short goes on from: "checkpoint".
struct CheckpointSection {
  static constexpr auto class_name = "checkpoint";
  std::optional<std::int64_t> every_steps = std::nullopt;
  std::int64_t max_to_keep = 1;
  std::optional<std::string> monitor = std::nullopt;
  std::string mode = "auto";

  static constexpr auto fields() {
    using O = CheckpointSection;
    return assay::fields(
        field("every_steps", &O::every_steps,
              "Batches from one checkpoint to the next, besides the one at each epoch's end; null: "
              "none.",
              callbacks::count_or_null),
        field("max_to_keep", &O::max_to_keep,
              "How many of the last checkpoints stay: with more than 1 each is also kept as "
              "checkpoint-<batches>.safetensors.",
              at_least_one),
        field("monitor", &O::monitor,
              "The value, such as val_loss, whose best epoch is also kept, as best.safetensors; "
              "null: none."),
        field("mode", &O::mode, "Whether lower (min) or higher (max) is better.",
              callbacks::monitor_mode));
  }
};

/// The whole file.
struct ExperimentOptions {
  static constexpr auto class_name = "experiment";
  std::string name = "";
  std::string description = "";
  std::int64_t seed = 0;
  std::string device = "cpu";
  std::optional<std::int64_t> threads = std::nullopt;
  std::vector<Path> plugins = {};
  DataSection data = {};
  Json model = nullptr;
  Json optimizer = "rmsprop";
  Json loss = nullptr;
  std::vector<double> loss_weights = {};
  std::vector<Json> metrics = {};
  std::vector<Json> weighted_metrics = {};
  std::string dtype_policy = "float32";
  FitSection fit = {};
  std::vector<Json> callbacks = {};
  CheckpointSection checkpoint = {};
  std::optional<Path> output = std::nullopt;

  static constexpr auto fields() {
    using O = ExperimentOptions;
    constexpr Constraint<Json> given{[](const Json& json) { return !json.is_null(); }, "given"};
    return assay::fields(
        field("name", &O::name, "What the run is called; empty: the name of the file."),
        field("description", &O::description, "For people."),
        field("seed", &O::seed,
              "Decides initial weights, dropout, the split and the order of batches.",
              {[](const std::int64_t& seed) { return seed >= 0; }, "an integer of at least 0"}),
        field("device", &O::device, "Where it computes: cpu, cuda, cuda:1 ..."),
        field("threads", &O::threads, "Threads that compute; null: one a core.",
              callbacks::count_or_null),
        field("plugins", &O::plugins,
              "Shared libraries whose losses, metrics, layers ... it uses."),
        field("data", &O::data, "What is trained, validated and tested on."),
        field("model", &O::model, "A layer, or a list of layers, each a name or JSON.", given),
        field("optimizer", &O::optimizer, "An optimizer's name or JSON.",
              {[](const Json& json) { return !json.is_null(); }, "an optimizer"}),
        field("loss", &O::loss, "A loss, or a list of losses, each a name or JSON.", given),
        field("loss_weights", &O::loss_weights, "One factor a loss; empty: all 1."),
        field("metrics", &O::metrics, "Metrics, each a name or JSON."),
        field("weighted_metrics", &O::weighted_metrics,
              "Metrics that take sample weights and class weights into account."),
        field("dtype_policy", &O::dtype_policy,
              "mixed_bfloat16 computes matrix products and convolutions in bfloat16; "
              "float64 computes all in float64.",
              {[](const std::string& name) {
                 return name == "float32" || name == "float64" || name == "mixed_bfloat16";
               },
               "float32, float64 or mixed_bfloat16"}),
        field("fit", &O::fit, "How long, and in what batches."),
        field("callbacks", &O::callbacks, "Callbacks, each a name or JSON."),
        field("checkpoint", &O::checkpoint, "What a run that is cut short goes on from."),
        field("output", &O::output,
              "The folder of results; null: runs/<name> in the current folder."));
  }
};

}  // namespace assay::training
