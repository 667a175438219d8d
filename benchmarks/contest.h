// SPDX-License-Identifier: Apache-2.0
// Contestants on the same tensors: compared first, then timed in turns.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "workload.h"

namespace assay::benchmarks {

struct Contestant {
  std::string name;
  std::function<void()> run;                           ///< what is timed
  std::function<std::vector<at::Tensor>()> results{};  ///< what is compared; none: nothing
};

/// assay first; the others are compared with it.
using Contest = std::vector<Contestant>;

/// One pass of a workload.
Contest loss_contest(const Workload& workload, const std::string& pass, const Inputs& inputs);
Contest linear_contest(const Workload& workload, const Inputs& inputs);
Contest metric_contest(const Workload& workload, const std::string& pass, const Inputs& inputs);
Contest collection_contest(const Workload& workload, const Inputs& inputs);

/// What differs from the first contestant's results by more than the tolerance, relative to the
/// largest magnitude; empty where nothing does.
std::string disagreement(const Contest& contest, double tolerance);

struct Timing {
  double microseconds;  ///< the median
  double ratio;         ///< the median of the ratios to the first contestant, round by round
};

/// Times all contestants in turns, A B C A B C, for about so many seconds.
std::vector<Timing> timings(const Contest& contest, double budget);

/// Runs a contestant for about so many seconds.
void repeat(const Contestant& contestant, double budget);

/// What a contestant's run adds to the resident memory at its peak, in MiB.
double peak_memory(const Contestant& contestant);

/// What none can beat: reading every input once, and writing the gradient once.
Contestant limit(std::vector<at::Tensor> read, at::Tensor written = {});

}  // namespace assay::benchmarks
