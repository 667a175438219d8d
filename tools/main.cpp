// SPDX-License-Identifier: Apache-2.0
// assay: trains what a JSON file describes.
#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "command.h"
#include "failure.h"

namespace {

using namespace assay::tools;

int run(CLI::App& program, Action& action, int argc, char** argv) {
  try {
    program.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << program.help();
    return kDone;
  } catch (const CLI::CallForAllHelp&) {
    std::cout << program.help("", CLI::AppFormatMode::All);
    return kDone;
  } catch (const CLI::CallForVersion& version) {
    std::cout << version.what() << '\n';
    return kDone;
  } catch (const CLI::ParseError& error) {
    return fail(std::string(error.what()) + "\nassay --help shows what there is", kBadUsage);
  }
  return action();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program("Trains, evaluates and describes models from JSON experiment files.", "assay");
  program.set_version_flag("--version", "assay " ASSAY_VERSION);
  program.require_subcommand(1);
  program.footer(
      "Exit codes: 0 done, 1 failed, 2 a wrong command line or experiment file, 130 interrupted.");
  Action action;
  add_train(program, action);
  add_evaluate(program, action);
  add_predict(program, action);
  add_report(program, action);
  add_validate(program, action);
  add_list(program, action);
  add_describe(program, action);
  add_schema(program, action);
  try {
    return run(program, action, argc, argv);
  } catch (const std::exception& error) {
    return fail(error);
  }
}
