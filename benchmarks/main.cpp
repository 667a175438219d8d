// SPDX-License-Identifier: Apache-2.0
// The C++ side of script/bench: assay against LibTorch's functions and composed operators.
//
//     assay_benchmarks [--large] [--budget=SECONDS] [--benchmark_filter=...] [--benchmark_out=...]
//
// Each benchmark is one pass of a workload of workloads.py with a number of threads. Its time is
// assay's median; its counters are every contestant's median in microseconds and, under
// "NAME/ratio", the median of its ratios to assay; for the peak memory, MiB. A benchmark whose
// contestants disagree fails. --large leaves the workloads with tensors above 32 MiB alone.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <set>
#include <thread>

#include "contest.h"

namespace assay::benchmarks {
namespace {

// The tensors of one workload at a time: its benchmarks come one after the other.
const Inputs& current_inputs(const Workload& workload) {
  static std::string name;
  static Inputs inputs;
  if (name != workload.name) {
    inputs = {};
    inputs = inputs_of(workload);
    name = workload.name;
  }
  return inputs;
}

Contest contest_of(const Workload& workload, const std::string& pass) {
  const auto& inputs = current_inputs(workload);
  if (workload.kind == "loss") return loss_contest(workload, pass, inputs);
  if (workload.kind == "metric") return metric_contest(workload, pass, inputs);
  return collection_contest(workload, inputs);
}

void measure(benchmark::State& state, const Workload& workload, const std::string& pass,
             int threads, double budget) {
  at::set_num_threads(threads);
  const auto contest = contest_of(workload, pass);
  const auto error = disagreement(contest, workload.tolerance);
  if (!error.empty()) return state.SkipWithError(error.c_str());
  for (auto _ : state) {
    if (pass == "peak_memory") {
      for (const auto& contestant : contest) {
        if (contestant.results) state.counters[contestant.name] = peak_memory(contestant);
      }
      continue;
    }
    const auto times = timings(contest, budget);
    state.SetIterationTime(times[0].microseconds * 1e-6);
    for (std::size_t i = 0; i < contest.size(); ++i) {
      state.counters[contest[i].name] = times[i].microseconds;
      if (i > 0) state.counters[contest[i].name + "/ratio"] = times[i].ratio;
    }
  }
}

void register_workload(const Workload& workload, double budget) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  for (const auto& pass : workload.passes) {
    for (const int threads : std::set<int>{1, cores}) {
      if (pass == "peak_memory" && threads != cores) continue;
      const auto name = workload.name + ":" + pass + ":" + std::to_string(threads);
      benchmark::RegisterBenchmark(name.c_str(),
                                   [=, &workload](benchmark::State& state) {
                                     measure(state, workload, pass, threads, budget);
                                   })
          ->Iterations(1)
          ->UseManualTime()
          ->Unit(benchmark::kMicrosecond);
    }
  }
}

int run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  double budget = 0.25;
  bool large_only = false;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--large") {
      large_only = true;
    } else if (argument.rfind("--budget=", 0) == 0) {
      budget = std::stod(argument.substr(9));
    } else {
      std::cerr << "unknown argument: " << argument << "\n";
      return 2;
    }
  }
  const auto workloads = read_workloads(ASSAY_WORKLOADS);
  for (const auto& workload : workloads) {
    if (workload.large || !large_only) register_workload(workload, budget);
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace
}  // namespace assay::benchmarks

int main(int argc, char** argv) { return assay::benchmarks::run(argc, argv); }
