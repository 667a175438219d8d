// SPDX-License-Identifier: Apache-2.0
#include <assay/training/report/run_record.h>
#include <assay/training/text_file.h>

#include <iostream>
#include <memory>

#include "command.h"
#include "usage_error.h"

namespace assay::tools {
namespace {

struct ReportArguments {
  std::vector<std::string> runs;
  std::string file;
};

int report(const ReportArguments& arguments) {
  std::vector<training::report::RunRecord> runs;
  for (const auto& folder : arguments.runs) {
    runs.push_back(configured([&] { return training::report::read_run(folder); }));
  }
  training::write_text(arguments.file, training::report::report_page(runs));
  std::cout << arguments.file << " shows " << runs.size() << (runs.size() == 1 ? " run" : " runs")
            << '\n';
  return kDone;
}

}  // namespace

void add_report(CLI::App& program, Action& action) {
  auto* command =
      program.add_subcommand("report", "One page that shows finished runs side by side");
  auto arguments = std::make_shared<ReportArguments>();
  command->add_option("runs", arguments->runs, "Folders of runs")->required()->type_name("RUN");
  command->add_option("-o,--output", arguments->file, "The page")
      ->type_name("FILE")
      ->default_val("report.html");
  command->callback([arguments, &action] { action = [arguments] { return report(*arguments); }; });
}

}  // namespace assay::tools
