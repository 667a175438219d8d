// SPDX-License-Identifier: Apache-2.0
#include "../contest.h"

#include <assay/metrics/collection.h>
#include <assay/metrics/registry.h>

#include <memory>

#include "peers.h"

namespace assay::benchmarks {
namespace {

Contestant assay_metric(const std::string& name, const Json& identifier, bool update,
                        const Inputs& inputs) {
  const auto metric = metrics::get(identifier);
  const auto run = [=] { metric->update_state(inputs.y_true, inputs.y_pred); };
  const auto results = [=]() -> std::vector<at::Tensor> {
    metric->reset_state();
    run();
    return {metric->result()};
  };
  if (update) return {name, run, results};
  return {name, [=] { benchmark::DoNotOptimize(metric->result()); }, results};
}

Contestant composed(const Workload& workload, bool update, const Inputs& inputs) {
  const auto metric = composed_metric(workload);
  const auto state = std::make_shared<ComposedMetric::State>(metric.batch(inputs, workload));
  const auto results = [=]() -> std::vector<at::Tensor> { return {metric.result(*state)}; };
  if (!update) return {"composed", [=] { benchmark::DoNotOptimize(results()); }, results};
  return {"composed",
          [=, &workload] {
            const at::NoGradGuard no_grad;
            const auto batch = metric.batch(inputs, workload);
            for (std::size_t i = 0; i < batch.size(); ++i) (*state)[i].add_(batch[i]);
          },
          results};
}

}  // namespace

Contest metric_contest(const Workload& workload, const std::string& pass, const Inputs& inputs) {
  const bool update = pass == "update";
  Contest contest = {assay_metric("assay", workload.assay, update, inputs),
                     composed(workload, update, inputs)};
  if (update) contest.push_back(limit({inputs.y_true, inputs.y_pred}));
  return contest;
}

Contest collection_contest(const Workload& workload, const Inputs& inputs) {
  const auto collection = std::make_shared<metrics::MetricCollection>(
      metrics::MetricCollection::from_config(workload.assay));
  Contest contest = {{"assay", [=] { collection->update_state(inputs.y_true, inputs.y_pred); },
                      [] { return std::vector<at::Tensor>(); }}};
  for (const auto& member : workload.assay) {
    contest.push_back(assay_metric(member.at("class_name"), member, /*update=*/true, inputs));
    contest.back().results = nullptr;
  }
  return contest;
}

}  // namespace assay::benchmarks
