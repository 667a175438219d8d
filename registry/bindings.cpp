// SPDX-License-Identifier: Apache-2.0
// The Python and TorchScript door: torch.classes.assay.Loss and Metric, and the lists of names.
// `torch.ops.load_library("libassay.so")` is all that Python needs.
#include <assay/losses/registry.h>
#include <assay/metrics/registry.h>
#include <assay/registry/plugins/load_plugin.h>
#include <torch/custom_class.h>

namespace assay {
namespace {

using OptionalTensor = std::optional<at::Tensor>;

at::Tensor or_none(const OptionalTensor& tensor) { return tensor.value_or(at::Tensor()); }

struct LossDoor : torch::CustomClassHolder {
  explicit LossDoor(const std::string& config_json) : loss(losses::get(config_json)) {}

  at::Tensor call(const at::Tensor& y_true, const at::Tensor& y_pred,
                  const OptionalTensor& sample_weight, const OptionalTensor& mask) const {
    return loss->forward(y_true, y_pred, or_none(sample_weight), or_none(mask));
  }

  std::string get_config() const { return losses::serialize(*loss).dump(); }

  std::shared_ptr<losses::Loss> loss;
};

struct MetricDoor : torch::CustomClassHolder {
  explicit MetricDoor(const std::string& config_json) : metric(metrics::get(config_json)) {}

  void update_state(const at::Tensor& y_true, const OptionalTensor& y_pred,
                    const OptionalTensor& sample_weight) {
    metric->update_state(y_true, or_none(y_pred), or_none(sample_weight));
  }

  at::Tensor result() const { return metric->result(); }

  c10::Dict<std::string, at::Tensor> results() const {
    c10::Dict<std::string, at::Tensor> by_name;
    for (const auto& [name, value] : metric->results()) by_name.insert(name, value);
    return by_name;
  }

  void reset_state() { metric->reset_state(); }

  void merge_state(const std::vector<c10::intrusive_ptr<MetricDoor>>& others) {
    std::vector<const metrics::Metric*> merged;
    for (const auto& other : others) merged.push_back(other->metric.get());
    metric->merge_state(merged);
  }

  std::vector<at::Tensor> variables() const { return metric->variables(); }

  std::string get_config() const { return metrics::serialize(*metric).dump(); }

  std::shared_ptr<metrics::Metric> metric;
};

TORCH_LIBRARY_FRAGMENT(assay, library) {
  using torch::arg;
  library.class_<LossDoor>("Loss")
      .def(torch::init<std::string>(), "A loss from a name or JSON.", {arg("config_json")})
      .def("call", &LossDoor::call, "The reduced loss.",
           {arg("y_true"), arg("y_pred"), arg("sample_weight") = c10::nullopt,
            arg("mask") = c10::nullopt})
      .def("get_config", &LossDoor::get_config, "The configuration as JSON.")
      .def_pickle([](const c10::intrusive_ptr<LossDoor>& self) { return self->get_config(); },
                  [](const std::string& config) { return c10::make_intrusive<LossDoor>(config); });
  library.class_<MetricDoor>("Metric")
      .def(torch::init<std::string>(), "A metric from a name or JSON.", {arg("config_json")})
      .def("update_state", &MetricDoor::update_state, "Adds a batch.",
           {arg("y_true"), arg("y_pred") = c10::nullopt, arg("sample_weight") = c10::nullopt})
      .def("result", &MetricDoor::result, "The metric so far.")
      .def("results", &MetricDoor::results, "The results by name.")
      .def("reset_state", &MetricDoor::reset_state, "Forgets everything seen.")
      .def("merge_state", &MetricDoor::merge_state, "Adds other metrics' states.", {arg("metrics")})
      .def("variables", &MetricDoor::variables, "The state's tensors.")
      .def("get_config", &MetricDoor::get_config, "The configuration as JSON.")
      .def_pickle(
          [](const c10::intrusive_ptr<MetricDoor>& self) {
            return std::make_tuple(self->get_config(), self->variables());
          },
          [](const std::tuple<std::string, std::vector<at::Tensor>>& saved) {
            auto made = c10::make_intrusive<MetricDoor>(std::get<0>(saved));
            made->metric->set_state(std::get<1>(saved));
            return made;
          });
  library.def("loss_names() -> str[]", [] { return losses::registry().names(); });
  library.def("metric_names() -> str[]", [] { return metrics::registry().names(); });
  library.def("load_plugin(str file) -> str[]",
              [](const std::string& file) { return load_plugin(file).class_names; });
}

}  // namespace
}  // namespace assay
