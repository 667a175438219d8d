// SPDX-License-Identifier: Apache-2.0
#include <assay/registry/identifier.h>
#include <assay/training/report/run_record.h>
#include <assay/version.h>
#include <c10/util/Exception.h>
#include <torch/version.h>

#include <fstream>
#include <sstream>
#include <thread>

namespace assay::training::report {
namespace {

Json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  TORCH_CHECK_VALUE(file, path.string(), " is missing: expected the folder of a finished run");
  std::ostringstream text;
  text << file.rdbuf();
  return parse_json(text.str(), path.string());
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

}  // namespace

RunRecord read_run(const std::filesystem::path& folder) {
  RunRecord record{.folder = std::filesystem::absolute(folder).lexically_normal()};
  if (!record.folder.has_filename()) record.folder = record.folder.parent_path();  // "run/"
  record.experiment = read_json(folder / "experiment.json");
  record.results = read_json(folder / "results.json");
  if (std::filesystem::exists(folder / "report.json")) {
    record.details = read_json(folder / "report.json");
  }
  record.history = History::from_json(read_json(folder / "history.json"));
  const auto name = record.experiment.value("name", std::string());
  record.name = name.empty() ? record.folder.filename().string() : name;
  return record;
}

Json machine() {
  return {{"processor", processor()},
          {"cores", std::thread::hardware_concurrency()},
          {"libtorch", TORCH_VERSION},
          {"assay", ASSAY_VERSION}};
}

}  // namespace assay::training::report
