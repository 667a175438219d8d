// SPDX-License-Identifier: Apache-2.0
// What is measured, as workloads.py describes it, and its tensors.
#pragma once
#include <ATen/ATen.h>
#include <assay/core/options/json.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace assay::benchmarks {

struct Workload {
  std::string name;
  std::string kind;  // loss, metric or collection
  Json assay;        // what the registry takes; of a collection, a list
  std::vector<std::int64_t> shape;
  std::string y_true;
  std::string y_pred;
  at::ScalarType dtype;
  bool weighted;
  bool large;
  bool all_cores_only;
  double tolerance;
  std::vector<std::string> passes;

  std::string class_name() const { return assay.at("class_name"); }

  template <class T>
  T option(const char* key, T otherwise) const {
    return assay.at("config").value(key, otherwise);
  }
};

struct Inputs {
  at::Tensor y_true;
  at::Tensor y_pred;
  at::Tensor sample_weight;  // undefined where the workload has none
};

std::vector<Workload> read_workloads(const std::string& path);

/// The workload's tensors, the same at every call.
Inputs inputs_of(const Workload& workload);

}  // namespace assay::benchmarks
