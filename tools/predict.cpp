// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/distributed/environment.h>
#include <assay/serialization/atomic_file.h>
#include <assay/training/experiment/run.h>

#include <array>
#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "command.h"
#include "experiment_arguments.h"
#include "usage_error.h"

namespace assay::tools {
namespace {

struct PredictArguments {
  ExperimentArguments experiment;
  std::string part;
  std::string file;
};

std::string number_text(double value) {
  std::ostringstream text;
  text.precision(9);  // float32 comes back as it was
  text << value;
  return text.str();
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string cell = "\"";
  for (const char c : text) cell += c == '"' ? "\"\"" : std::string(1, c);
  return cell + "\"";
}

// The number or the name of the class with the largest prediction.
std::string class_text(std::int64_t label, const std::vector<std::string>& classes) {
  const auto index = static_cast<std::size_t>(label);
  return index < classes.size() ? quoted(classes[index]) : std::to_string(label);
}

// The rows of the CSV: row, label (where there is one number a row), prediction_0 ..., class (where
// there are several).
class PredictionLines {
 public:
  explicit PredictionLines(std::vector<std::string> classes) : classes_(std::move(classes)) {}

  // The lines of a batch; the first has the header above it.
  std::string of(const training::Batch& batch, const at::Tensor& predictions) {
    const auto rows = predictions.size(0);
    const auto values = predictions.reshape({rows, -1}).to(at::kDouble).cpu().contiguous();
    const auto columns = values.size(1);
    const auto& labels = batch.y;
    const bool has_label = labels.defined() && labels.numel() == rows;
    const auto label_values = has_label ? labels.reshape({-1}).to(at::kDouble) : at::Tensor();
    const bool whole = has_label && !labels.is_floating_point();
    const bool has_class = predictions.dim() == 2 && columns > 1;
    const auto best = has_class ? values.argmax(1) : at::Tensor();

    std::ostringstream out;
    if (rows_ == 0) {
      out << "row";
      if (has_label) out << ",label";
      for (std::int64_t j = 0; j < columns; ++j) out << ",prediction_" << j;
      out << (has_class ? ",class\n" : "\n");
    }
    for (std::int64_t i = 0; i < rows; ++i) {
      out << rows_++;
      if (has_label) {
        const auto label = label_values.data_ptr<double>()[i];
        out << ','
            << (whole ? class_text(static_cast<std::int64_t>(label), classes_)
                      : number_text(label));
      }
      const auto* row = values.data_ptr<double>() + i * columns;
      for (std::int64_t j = 0; j < columns; ++j) out << ',' << number_text(row[j]);
      if (has_class) out << ',' << class_text(best.data_ptr<std::int64_t>()[i], classes_);
      out << '\n';
    }
    return out.str();
  }

  std::int64_t rows() const { return rows_; }

 private:
  std::vector<std::string> classes_;
  std::int64_t rows_ = 0;
};

int predict(const PredictArguments& arguments) {
  if (configured([] { return distributed::read_environment(); }).world_size > 1) {
    throw UsageError("assay predict is one process: start it without torchrun");
  }
  auto run = configured([&] {
    return std::make_unique<training::ExperimentRun>(
        training::ExperimentRun::trained(arguments.experiment.load()));
  });
  const auto dataset = configured([&] {
    const auto& data = run->data();
    if (!arguments.part.empty()) return data.part(arguments.part);
    return data.test ? data.test : data.validation ? data.validation : data.train;
  });
  const auto& fit = run->experiment().options.fit;
  PredictionLines lines(dataset->names().classes);
  // Lines are written as they come: memory holds those of a batch.
  const auto predict_to = [&](const std::function<void(const std::string&)>& write) {
    run->trainer().predict_batches(training::Data(dataset),
                                   [&](const training::Batch& batch, const at::Tensor& y_pred) {
                                     write(lines.of(batch, y_pred));
                                   },
                                   {.batch_size = fit.batch_size, .threads = fit.loader_threads});
  };
  if (arguments.file == "-") {
    predict_to([](const std::string& text) { std::cout << text; });
    return kDone;
  }
  const auto path = arguments.file.empty() ? run->files().folder / "predictions.csv"
                                           : std::filesystem::path(arguments.file);
  serialization::AtomicFile file(path);
  predict_to([&](const std::string& text) {
    const std::array pieces = {std::as_bytes(std::span(text))};
    file.write(pieces);
  });
  file.commit();
  std::cout << lines.rows() << " predictions are in " << path.string() << '\n';
  return kDone;
}

}  // namespace

void add_predict(CLI::App& program, Action& action) {
  auto* command =
      program.add_subcommand("predict", "Predictions of a model that `assay train` made, as CSV");
  auto arguments = std::make_shared<PredictArguments>();
  arguments->experiment.add_to(*command);
  command
      ->add_option("--part", arguments->part,
                   "Which data: test where there is any, else validation")
      ->check(CLI::IsMember({"train", "validation", "test"}));
  command
      ->add_option("--csv", arguments->file,
                   "The file; - is standard output. Without it predictions.csv in the folder of "
                   "results")
      ->type_name("FILE");
  command->callback([arguments, &action] { action = [arguments] { return predict(*arguments); }; });
}

}  // namespace assay::tools
