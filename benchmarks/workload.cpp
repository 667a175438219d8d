// SPDX-License-Identifier: Apache-2.0
#include "workload.h"

#include <fstream>

namespace assay::benchmarks {
namespace {

// The kinds of workloads.py, drawn as data.py draws them.
at::Tensor draw(const std::string& kind, const std::vector<std::int64_t>& shape,
                at::ScalarType dtype) {
  const auto classes = shape.back();
  if (kind == "normal") return at::randn(shape).to(dtype);
  if (kind == "distribution") return at::randn(shape).softmax(-1).to(dtype);
  if (kind == "unit") return at::empty(shape).uniform_(0.001, 0.999).to(dtype);
  if (kind == "bits") return at::randint(2, shape).to(dtype);
  if (kind == "ids") return at::randint(21, shape);
  if (kind == "sequences") return at::randint(1, classes, {shape[0], 24});
  if (kind == "one_hot") {  // every class occurs
    return at::one_hot(at::randperm(shape[0]).remainder(classes), classes).to(dtype);
  }
  const auto labels = at::randint(classes, at::IntArrayRef(shape).slice(0, shape.size() - 1));
  if (kind == "classes") return labels;
  TORCH_CHECK(kind == "half_ignored", "unknown kind of tensor: ", kind);
  return labels.index_fill(0, at::arange(0, shape[0], 2), -100);
}

}  // namespace

std::vector<Workload> read_workloads(const std::string& path) {
  std::ifstream file(path);
  TORCH_CHECK(file, "cannot read ", path);
  std::vector<Workload> workloads;
  for (const auto& entry : Json::parse(file)) {
    workloads.push_back({
        .name = entry.at("name"),
        .kind = entry.at("kind"),
        .assay = entry.at("assay"),
        .shape = entry.at("shape"),
        .y_true = entry.at("y_true"),
        .y_pred = entry.at("y_pred"),
        .dtype = entry.at("dtype") == "bfloat16" ? at::kBFloat16 : at::kFloat,
        .weighted = entry.at("weighted"),
        .large = entry.at("large"),
        .all_cores_only = entry.at("all_cores_only"),
        .tolerance = entry.at("tolerance"),
        .passes = entry.at("passes"),
    });
  }
  return workloads;
}

Inputs inputs_of(const Workload& workload) {
  torch::manual_seed(1);
  return {draw(workload.y_true, workload.shape, workload.dtype),
          draw(workload.y_pred, workload.shape, workload.dtype),
          workload.weighted ? at::rand({workload.shape[0]}) + 0.5 : at::Tensor()};
}

}  // namespace assay::benchmarks
