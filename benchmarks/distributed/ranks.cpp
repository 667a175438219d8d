// SPDX-License-Identifier: Apache-2.0
// assay's side of script/bench distributed: one process of several, which run.py starts and tells
// on standard input what to do.
#include <assay/distributed/group.h>
#include <assay/distributed/metrics.h>
#include <assay/losses.h>
#include <assay/metrics/collection.h>
#include <assay/training/optimizers.h>
#include <assay/training/trainer.h>
#include <torch/torch.h>

#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace assay::benchmarks {
namespace {

using distributed::Group;

class Workload {
 public:
  virtual ~Workload() = default;
  virtual void run(std::int64_t times) = 0;
  /// What the other contestant must have too.
  virtual Json results() = 0;
};

at::Tensor waves(at::IntArrayRef shape, double frequency, double phase) {
  const auto count = c10::multiply_integers(shape);
  return (at::arange(count, at::kDouble) * frequency + phase).sin().view(shape);
}

/// Metrics that have seen a process's rows.
metrics::MetricCollection seen(const Json& metrics, std::int64_t rank) {
  constexpr std::int64_t kRows = 4096;
  auto collection = metrics::MetricCollection::from_config(metrics);
  const auto first = static_cast<double>(kRows * rank);
  const auto y_pred = waves({kRows}, 0.7, 0.7 * first) * 0.49 + 0.5;
  const auto y_true = waves({kRows}, 1.3, 1.3 * first) > 0;
  collection.update_state(y_true.to(at::kFloat).view({-1, 1}), y_pred.to(at::kFloat).view({-1, 1}));
  return collection;
}

/// The results of metrics over the data of all processes.
class SynchronizeMetrics final : public Workload {
 public:
  SynchronizeMetrics(const Json& metrics, const std::shared_ptr<Group>& group)
      : collection_(seen(metrics, group->rank())), group_(group) {}

  void run(std::int64_t times) override {
    for (std::int64_t i = 0; i < times; ++i) {
      for (const auto& [name, value] : distributed::synchronized(collection_, *group_).results()) {
        values_[name] = value.item<double>();
      }
    }
  }

  Json results() override { return values_; }

 private:
  metrics::MetricCollection collection_;
  std::shared_ptr<Group> group_;
  std::map<std::string, double> values_;
};

/// What a process does with the messages of many, without their transport.
class MergeMetrics final : public Workload {
 public:
  MergeMetrics(const Json& metrics, std::int64_t messages)
      : collection_(seen(metrics, 0)), messages_(messages), message_(packed()) {}

  void run(std::int64_t times) override {
    for (std::int64_t i = 0; i < times; ++i) {
      std::vector<distributed::NamedTensors> all;
      for (std::int64_t message = 0; message < messages_; ++message) {
        all.push_back(distributed::from_bytes(message_));
      }
      distributed::check_alike(all);
      auto merged = collection_.fresh();
      merged.merge_variables(all);
    }
  }

  Json results() override { return {{"bytes of a message", message_.numel()}}; }

 private:
  at::Tensor packed() const {
    const auto variables = collection_.named_variables();
    return distributed::to_bytes({variables.begin(), variables.end()});
  }

  metrics::MetricCollection collection_;
  std::int64_t messages_;
  at::Tensor message_;
};

torch::nn::Sequential make_model(const std::string& name) {
  using namespace torch::nn;
  if (name == "mlp") {
    return Sequential(Linear(64, 256), ReLU(), Linear(256, 256), ReLU(), Linear(256, 10));
  }
  return Sequential(Conv2d(Conv2dOptions(1, 32, 3)), ReLU(), Conv2d(Conv2dOptions(32, 64, 3)),
                    ReLU(), MaxPool2d(2), Flatten(), Linear(9216, 128), ReLU(), Linear(128, 10));
}

/// Steps of training on batches that all processes divide.
class Train final : public Workload {
 public:
  Train(const std::string& model, std::int64_t rows_each, const std::shared_ptr<Group>& group)
      : model_(model),
        batch_size_(rows_each * group->size()),
        net_(make_model(model)),
        trainer_(net_) {
    const torch::NoGradGuard no_grad;
    double phase = 0;
    for (auto& parameter : net_->parameters()) {
      const auto inputs = parameter.dim() > 1 ? parameter[0].numel() : parameter.numel();
      const auto scale = 1 / std::sqrt(static_cast<double>(inputs));
      parameter.copy_(waves(parameter.sizes(), 0.61, ++phase) * scale);
    }
    trainer_.distribute(group);
    trainer_.compile(
        {.optimizer = training::optimizers::SGD({.learning_rate = 0.01, .momentum = 0.9}),
         .loss = losses::SparseCategoricalCrossentropy({.from_logits = true})});
  }

  void run(std::int64_t times) override { fit(times, true); }

  Json results() override {
    return {{"loss of 5 steps", fit(5, false)}, {"loss of 5 more", fit(5, false)}};
  }

 private:
  double fit(std::int64_t steps, bool shuffle) {
    const auto rows = steps * batch_size_;
    if (!x_.defined() || x_.size(0) != rows) {
      x_ = (model_ == "mlp" ? waves({rows, 64}, 0.37, 0) : waves({rows, 1, 28, 28}, 0.37, 0))
               .to(at::kFloat);
      y_ = at::arange(rows) % 10;
    }
    const auto history = trainer_.fit({x_, y_}, {.batch_size = batch_size_,
                                                 .shuffle = shuffle,
                                                 .seed = 1,
                                                 .verbose = training::Verbosity::kSilent});
    return history["loss"][0];
  }

  std::string model_;
  std::int64_t batch_size_;
  torch::nn::Sequential net_;
  Trainer trainer_;
  at::Tensor x_;
  at::Tensor y_;
};

std::unique_ptr<Workload> make(const Json& workload, const std::shared_ptr<Group>& group) {
  if (workload.contains("merges")) {
    return std::make_unique<MergeMetrics>(workload["metrics"], workload["merges"]);
  }
  if (workload.contains("metrics")) {
    return std::make_unique<SynchronizeMetrics>(workload["metrics"], group);
  }
  return std::make_unique<Train>(workload["model"], workload["rows_each"], group);
}

void answer(Workload& workload, Group& group) {
  std::string what;
  std::int64_t times = 0;
  while (std::cin >> what) {
    if (what == "results") {
      const auto results = workload.results();
      if (group.is_first()) std::cout << results.dump() << std::endl;
      continue;
    }
    std::cin >> times;
    group.barrier("beginning");
    const auto collectives = group.collectives();
    const auto start = std::chrono::steady_clock::now();
    workload.run(times);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const auto count = static_cast<double>(group.collectives() - collectives);
    if (!group.is_first()) continue;
    const auto each = static_cast<double>(times);
    std::cout << Json{{"seconds", took.count() / each}, {"collectives", count / each}}.dump()
              << std::endl;
  }
}

}  // namespace
}  // namespace assay::benchmarks

int main(int, char** argv) {
  torch::set_num_threads(1);
  const auto group = assay::distributed::Group::from_environment();
  const auto workload = assay::benchmarks::make(assay::Json::parse(argv[1]), group);
  assay::benchmarks::answer(*workload, *group);
  return 0;
}
