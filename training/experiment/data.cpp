// SPDX-License-Identifier: Apache-2.0
#include <assay/core/error_text.h>
#include <assay/training/data/split.h>
#include <assay/training/datasets/registry.h>
#include <assay/training/experiment/data.h>

namespace assay::training {
namespace {

std::shared_ptr<Dataset> dataset_at(const Experiment& experiment, const Json& json,
                                    const char* path) {
  if (json.is_null()) return nullptr;
  return with_context(experiment.file.string() + ": " + path,
                      [&] { return datasets::get(json, experiment.folder()); });
}

Splits divided(const Experiment& experiment, std::shared_ptr<Dataset> dataset) {
  const auto& section = experiment.options.data.split;
  if (section.validation == 0 && section.test == 0) return {.train = std::move(dataset)};
  return with_context(experiment.file.string() + ": data.split", [&] {
    return split(std::move(dataset), {.validation = section.validation,
                                      .test = section.test,
                                      .seed = section.seed.value_or(experiment.options.seed),
                                      .stratify = section.stratify,
                                      .shuffle = section.shuffle});
  });
}

// One part comes from a dataset of its own or from the split, not from both.
std::shared_ptr<Dataset> either(const Experiment& experiment, std::shared_ptr<Dataset> own,
                                std::shared_ptr<Dataset> from_split, const char* part) {
  TORCH_CHECK_VALUE(!own || !from_split, experiment.file.string(), ": data.", part,
                    " and data.split.", part, " are both given; one is enough");
  return own ? own : from_split;
}

}  // namespace

const std::shared_ptr<const Dataset>& ExperimentData::part(const std::string& name) const {
  TORCH_CHECK_VALUE(name == "train" || name == "validation" || name == "test",
                    "the parts of the data are train, validation and test, not '", name, "'");
  const auto& dataset = name == "train" ? train : name == "test" ? test : validation;
  TORCH_CHECK_VALUE(dataset, "the experiment has no ", name, " data; give data.", name,
                    " or data.split.", name);
  return dataset;
}

ExperimentData load_data(const Experiment& experiment, std::optional<Standardizer> standardizer) {
  const auto& section = experiment.options.data;
  auto splits = divided(experiment, dataset_at(experiment, section.dataset, "data.dataset"));
  splits.validation =
      either(experiment, dataset_at(experiment, section.validation, "data.validation"),
             splits.validation, "validation");
  splits.test =
      either(experiment, dataset_at(experiment, section.test, "data.test"), splits.test, "test");
  ExperimentData data{splits.train, splits.validation, splits.test, std::nullopt};
  if (!section.standardize) return data;
  data.standardizer = with_context(experiment.file.string() + ": data.standardize", [&] {
    return standardizer ? std::move(*standardizer)
                        : Standardizer::fit(*splits.train, section.standardize_axis);
  });
  data.train = data.standardizer->apply(data.train);
  data.validation = data.standardizer->apply(data.validation);
  data.test = data.standardizer->apply(data.test);
  return data;
}

}  // namespace assay::training
