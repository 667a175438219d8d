// SPDX-License-Identifier: Apache-2.0
// The C++ side of script/bench: assay against LibTorch's functions and composed operators.
//
//     assay_benchmarks [--large] [--profile] [--budget=SECONDS] [--benchmark_filter=...]
//                      [--benchmark_out=...]
//
// Each benchmark is one pass of a workload of workloads.py with a number of threads. Its time is
// assay's median; its counters are every contestant's median in microseconds and, under
// "NAME/ratio", the median of its ratios to assay; for the peak memory, MiB. A benchmark whose
// contestants disagree fails. With --large only the workloads with tensors above 32 MiB run, and
// not for their peak memory.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <set>
#include <thread>

#include "contest.h"

namespace assay::benchmarks {
namespace {

struct Settings {
  double budget = 0.25;
  bool large_only = false;
  bool profile = false;
};

// The tensors of one workload at a time: its benchmarks come one after the other.
const Inputs& current_inputs(const Workload& workload) {
  static std::string name;
  static Inputs inputs;
  if (name != workload.name) {
    std::cerr << workload.name << std::endl;
    inputs = {};
    inputs = inputs_of(workload);
    name = workload.name;
  }
  return inputs;
}

Contest contest_of(const Workload& workload, const std::string& pass) {
  const auto& inputs = current_inputs(workload);
  if (workload.kind == "loss") return loss_contest(workload, pass, inputs);
  if (workload.kind == "linear") return linear_contest(workload, inputs);
  if (workload.kind == "metric") return metric_contest(workload, pass, inputs);
  return collection_contest(workload, inputs);
}

void measure_memory(benchmark::State& state, const Workload& workload) {
  const auto& inputs = current_inputs(workload);
  const auto contest = contest_of(workload, "backward");
  for (auto _ : state) {
    for (const auto& contestant : contest) {
      if (!contestant.results) continue;
      inputs.y_pred.mutable_grad().reset();
      state.counters[contestant.name] = peak_memory(contestant);
    }
  }
}

void measure_time(benchmark::State& state, const Workload& workload, const std::string& pass,
                  const Settings& settings) {
  const auto contest = contest_of(workload, pass);
  if (settings.profile) {
    for (auto _ : state) repeat(contest.front(), settings.budget);
    return;
  }
  const auto error = disagreement(contest, workload.tolerance);
  if (!error.empty()) return state.SkipWithError(error.c_str());
  for (auto _ : state) {
    const auto times = timings(contest, settings.budget);
    state.SetIterationTime(times[0].microseconds * 1e-6);
    for (std::size_t i = 0; i < contest.size(); ++i) {
      state.counters[contest[i].name] = times[i].microseconds;
      if (i > 0) state.counters[contest[i].name + "/ratio"] = times[i].ratio;
    }
  }
}

void register_workload(const Workload& workload, const Settings& settings) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  for (const auto& pass : workload.passes) {
    const bool memory = pass == "peak_memory";
    for (const int threads : std::set<int>{1, cores}) {
      if (memory && settings.large_only) continue;
      if ((memory || workload.all_cores_only) && threads != cores) continue;
      const auto name = workload.name + ":" + pass + ":" + std::to_string(threads);
      const auto measure = [=, &workload](benchmark::State& state) {
        at::set_num_threads(threads);
        if (memory) return measure_memory(state, workload);
        measure_time(state, workload, pass, settings);
      };
      benchmark::RegisterBenchmark(name.c_str(), measure)
          ->Iterations(1)
          ->UseManualTime()
          ->Unit(benchmark::kMicrosecond);
    }
  }
}

int run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--large") {
      settings.large_only = true;
    } else if (argument == "--profile") {
      settings.profile = true;
    } else if (argument.rfind("--budget=", 0) == 0) {
      settings.budget = std::stod(argument.substr(9));
    } else {
      std::cerr << "unknown argument: " << argument << "\n";
      return 2;
    }
  }
  const auto workloads = read_workloads(ASSAY_WORKLOADS);
  for (const auto& workload : workloads) {
    if (workload.large || !settings.large_only) register_workload(workload, settings);
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace
}  // namespace assay::benchmarks

int main(int argc, char** argv) { return assay::benchmarks::run(argc, argv); }
