// SPDX-License-Identifier: Apache-2.0
// assay: trains what a JSON file describes.
#include <assay/registry/plugins/load_plugin.h>
#include <assay/version.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "command.h"
#include "failure.h"
#include "memory.h"
#include "usage_error.h"

namespace {

using namespace assay::tools;

void load_plugins(const std::vector<std::string>& files) {
  configured([&] {
    assay::load_plugins_from_environment();
    for (const auto& file : files) assay::load_plugin(file);
  });
}

int run(CLI::App& program, Action& action, const std::vector<std::string>& plugins, int argc,
        char** argv) {
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
  load_plugins(plugins);
  return action();
}

}  // namespace

int main(int argc, char** argv) {
  assay::tools::keep_freed_memory();
  CLI::App program("Trains, evaluates and describes models from JSON experiment files.", "assay");
  program.set_version_flag("--version", "assay " ASSAY_VERSION);
  program.require_subcommand(1);
  program.fallthrough();  // so that --plugin may also stand behind the command
  std::vector<std::string> plugins;
  program
      .add_option("--plugin", plugins,
                  "Loads a plugin, a shared library with losses, metrics, layers ...; those that "
                  "the variable ASSAY_PLUGIN_PATH lists are loaded first")
      ->type_name("FILE")
      ->allow_extra_args(false);
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
    return run(program, action, plugins, argc, argv);
  } catch (const std::exception& error) {
    return fail(error);
  }
}
