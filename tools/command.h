// SPDX-License-Identifier: Apache-2.0
// The commands of `assay`: each adds itself to the program, and returns an exit code when it runs.
#pragma once
#include <CLI/App.hpp>
#include <functional>

namespace assay::tools {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kBadUsage = 2;
inline constexpr int kInterrupted = 130;  // 128 + SIGINT, as shells have it

/// What the command that was chosen does.
using Action = std::function<int()>;

void add_train(CLI::App& program, Action& action);
void add_evaluate(CLI::App& program, Action& action);
void add_predict(CLI::App& program, Action& action);
void add_report(CLI::App& program, Action& action);
void add_list(CLI::App& program, Action& action);
void add_describe(CLI::App& program, Action& action);
void add_validate(CLI::App& program, Action& action);
void add_schema(CLI::App& program, Action& action);

}  // namespace assay::tools
