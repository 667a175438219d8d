// SPDX-License-Identifier: Apache-2.0
#include "contest.h"

#include <assay/core/kept_output.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <fstream>

namespace assay::benchmarks {
namespace {

constexpr std::size_t kMostRounds = 200;
constexpr std::size_t kFewestRounds = 5;
constexpr std::size_t kSlowRounds = 2;     // of contestants that take more than kSlow together
constexpr double kSlow = 1;                // seconds
constexpr double kShortestSample = 50e-6;  // calls that take less are repeated within a sample

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double sample(const std::function<void()>& run, int calls) {
  const double start = now();
  for (int i = 0; i < calls; ++i) run();
  return (now() - start) / calls;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// A line of /proc/self/status, in MiB.
double resident(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(key + ":", 0) == 0) return std::stod(line.substr(key.size() + 1)) / 1024;
  }
  TORCH_CHECK(false, "/proc/self/status has no ", key);
}

}  // namespace

std::string disagreement(const Contest& contest, double tolerance) {
  const auto expected = contest.front().results();
  for (std::size_t i = 1; i < contest.size(); ++i) {
    if (!contest[i].results) continue;
    const auto results = contest[i].results();
    for (std::size_t j = 0; j < expected.size(); ++j) {
      const auto wanted = expected[j].to(at::kDouble);
      const auto value = results[j].detach().to(at::kDouble).reshape(wanted.sizes());
      const auto difference = (value - wanted).abs().max().item<double>();
      const auto magnitude = std::max(wanted.abs().max().item<double>(), 1e-30);
      if (difference <= tolerance * magnitude) continue;
      return c10::str(contest[i].name, "'s ", j == 0 ? "result" : "gradient", " differs from ",
                      contest.front().name, "'s by ", difference);
    }
  }
  return "";
}

std::vector<Timing> timings(const Contest& contest, double budget) {
  std::vector<int> calls;
  double together = 0;
  for (const auto& contestant : contest) {
    const double once = sample(contestant.run, 1);
    together += once;
    calls.push_back(std::max(1, static_cast<int>(kShortestSample / once)));
  }
  const auto fewest = together > kSlow ? kSlowRounds : kFewestRounds;
  std::vector<std::vector<double>> times(contest.size());
  std::vector<std::vector<double>> ratios(contest.size());
  const double end = now() + budget;
  for (std::size_t round = 0; round < kMostRounds && (round < fewest || now() < end); ++round) {
    for (std::size_t i = 0; i < contest.size(); ++i) {
      times[i].push_back(sample(contest[i].run, calls[i]));
      ratios[i].push_back(times[i].back() / times[0].back());
    }
  }
  std::vector<Timing> result;
  for (std::size_t i = 0; i < contest.size(); ++i) {
    result.push_back({1e6 * median(times[i]), median(ratios[i])});
  }
  return result;
}

void repeat(const Contestant& contestant, double budget) {
  for (const double end = now() + budget; now() < end;) contestant.run();
}

double peak_memory(const Contestant& contestant) {
  release_kept_output();
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak starts again from what is resident
  const double before = resident("VmRSS");
  contestant.run();
  return resident("VmHWM") - before;
}

Contestant limit(std::vector<at::Tensor> read, at::Tensor written) {
  return {"limit", [read = std::move(read), written = std::move(written)] {
            for (const auto& tensor : read) benchmark::DoNotOptimize(tensor.sum());
            if (written.defined()) benchmark::DoNotOptimize(at::empty_like(written).fill_(1));
          }};
}

}  // namespace assay::benchmarks
