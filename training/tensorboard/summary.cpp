// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/tensorboard/event_file.h>
#include <assay/training/tensorboard/png.h>
#include <assay/training/tensorboard/summary.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace assay::training::tensorboard {
namespace {

constexpr int kBins = 30;            // as TensorFlow's tf.summary.histogram
constexpr std::int64_t kImages = 3;  // as its tf.summary.image

// tensorflow.Summary.Value: tag = 1, simple_value = 2, histo = 5, tensor = 8, metadata = 9.
constexpr int kTag = 1;
constexpr int kSimpleValue = 2;
constexpr int kHistogram = 5;
constexpr int kTensor = 8;
constexpr int kMetadata = 9;

Message summary_of(const Message& value) { return Message().message(1, value); }

// tensorflow.SummaryMetadata: plugin_data = 1 {plugin_name = 1, content = 2}.
Message metadata(const std::string& plugin, const Message& content = {}) {
  return Message().message(1, Message().text(1, plugin).message(2, content));
}

// tensorflow.TensorProto: dtype = 1, tensor_shape = 2, string_val = 8.
Message string_tensor(const std::vector<std::string>& values) {
  constexpr int kString = 7;
  const auto size = Message().integer(1, static_cast<std::int64_t>(values.size()));
  auto tensor = Message().integer(1, kString).message(2, Message().message(2, size));
  for (const auto& value : values) tensor.text(8, value);
  return tensor;
}

// HParamsPluginData: version = 0, then one of experiment = 2, session_start_info = 3,
// session_end_info = 4.
Message hyperparameters(const std::string& tag, int kind, const Message& content) {
  return summary_of(Message()
                        .text(kTag, "_hparams_/" + tag)
                        .message(kMetadata, metadata("hparams", Message().message(kind, content))));
}

// google.protobuf.Value
Message value_of(const Json& json) {
  if (json.is_boolean()) return Message().integer(4, json.get<bool>() ? 1 : 0);
  if (json.is_number()) return Message().number(2, json.get<double>());
  return Message().text(3, json.get<std::string>());
}

// hparams' DataType
int type_of(const Json& json) {
  if (json.is_boolean()) return 2;
  return json.is_number() ? 3 : 1;
}

void flatten(const Json& json, const std::string& path, Json& flat) {
  if (!json.is_structured()) {
    if (!json.is_null()) flat[path] = json;
    return;
  }
  std::size_t index = 0;
  for (const auto& item : json.items()) {
    const auto name = json.is_array() ? std::to_string(index++) : item.key();
    flatten(item.value(), path.empty() ? name : path + "." + name, flat);
  }
}

}  // namespace

Message scalar(const std::string& tag, double value) {
  return summary_of(Message().text(kTag, tag).single(kSimpleValue, static_cast<float>(value)));
}

Message text(const std::string& tag, const std::string& markdown) {
  return summary_of(Message()
                        .text(kTag, tag)
                        .message(kTensor, string_tensor({markdown}))
                        .message(kMetadata, metadata("text")));
}

Message histogram(const std::string& tag, const at::Tensor& values) {
  auto all = values.detach().to(at::kCPU, at::kDouble).flatten();
  all = all.masked_select(all.isfinite());
  std::array<double, kBins> limits{};
  std::array<double, kBins> counts{};
  double least = 0;
  double most = 0;
  if (all.numel() > 0) {
    least = all.min().item<double>();
    most = all.max().item<double>();
    const bool constant = least == most;
    const double low = constant ? least - 0.5 : least;
    const double high = constant ? most + 0.5 : most;
    const auto binned = all.histc(kBins, low, high);
    for (int bin = 0; bin < kBins; ++bin) {
      limits[bin] = bin + 1 == kBins ? high : low + (high - low) * (bin + 1) / kBins;
      counts[bin] = binned[bin].item<double>();
    }
  }
  // tensorflow.HistogramProto
  const auto proto = Message()
                         .number(1, least)
                         .number(2, most)
                         .number(3, static_cast<double>(all.numel()))
                         .number(4, all.sum().item<double>())
                         .number(5, all.square().sum().item<double>())
                         .numbers(6, limits)
                         .numbers(7, counts);
  return summary_of(Message().text(kTag, tag).message(kHistogram, proto));
}

Message images(const std::string& tag, const at::Tensor& pixels) {
  std::vector<std::string> parts = {std::to_string(pixels.size(2)), std::to_string(pixels.size(1))};
  for (const auto& image : pixels.narrow(0, 0, std::min(pixels.size(0), kImages)).unbind(0)) {
    parts.push_back(png(image));
  }
  return summary_of(Message()
                        .text(kTag, tag)
                        .message(kTensor, string_tensor(parts))
                        .message(kMetadata, metadata("images")));
}

Message hyperparameters_experiment(const Json& values, const std::vector<MetricTag>& metrics) {
  Message experiment;
  experiment.number(3, wall_time());
  for (const auto& item : values.items()) {
    experiment.message(4, Message().text(1, item.key()).integer(4, type_of(item.value())));
  }
  for (const auto& [group, tag] : metrics) {
    experiment.message(5, Message().message(1, Message().text(1, group).text(2, tag)));
  }
  return hyperparameters("experiment", 2, experiment);
}

Message hyperparameters_start(const Json& values, const std::string& session) {
  Message start;
  for (const auto& item : values.items()) {
    start.message(1, Message().text(1, item.key()).message(2, value_of(item.value())));
  }
  start.text(4, session).number(5, wall_time());
  return hyperparameters("session_start_info", 3, start);
}

Message hyperparameters_end() {
  constexpr int kSuccess = 1;
  return hyperparameters("session_end_info", 4,
                         Message().integer(1, kSuccess).number(2, wall_time()));
}

Json flattened(const Json& nested) {
  Json flat = Json::object();
  flatten(nested, "", flat);
  return flat;
}

}  // namespace assay::training::tensorboard
