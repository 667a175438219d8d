// SPDX-License-Identifier: Apache-2.0
// What a finished run left in its folder, for reports.
#pragma once
#include <assay/core/options/json.h>
#include <assay/training/history.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

/// A page about finished runs, for a browser.
namespace assay::training::report {

/// The files of a run.
struct RunRecord {
  std::string name;              ///< The experiment's, or its folder's.
  std::filesystem::path folder;  ///< Where it lies, from the root on.
  Json experiment;               ///< experiment.json
  Json results;                  ///< results.json: {"test": {"loss": 0.1, ..}}
  Json details;                  ///< report.json: findings, machine, time; null where it is missing
  History history;               ///< history.json
};

/// Errors: ValueError that names the file that is missing or unreadable.
RunRecord read_run(const std::filesystem::path& folder);

/// The processor, its cores, the versions of LibTorch and assay.
Json machine();

/// The page of one run, or of several side by side.
std::string report_page(const std::vector<RunRecord>& given);

}  // namespace assay::training::report
