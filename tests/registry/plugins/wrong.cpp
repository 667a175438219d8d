// SPDX-License-Identifier: Apache-2.0
// A plugin that does what its file is called after: throws, throws_int, takes_a_name,
// has_no_package, removes.
#include <assay/losses/registry.h>
#include <assay/metrics/registry.h>
#include <assay/registry/plugins/plugin.h>
#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace {

// Shows that code of the plugin ran.
[[gnu::constructor]] void say_that_it_runs() { setenv("ASSAY_TEST_PLUGIN_RAN", "1", 1); }

void add(const std::string& name, std::vector<std::string> aliases = {}) {
  assay::losses::registry().add_entry(
      {.class_name = name, .aliases = std::move(aliases), .make = [](const assay::Json&) {
         return std::shared_ptr<void>(assay::losses::get("Huber"));
       }});
}

}  // namespace

void assay::register_plugin() {
  Dl_info info;
  dladdr(reinterpret_cast<void*>(&register_plugin), &info);
  const auto what = std::filesystem::path(info.dli_fname).stem().string();
  metrics::registry().add_entry(
      {.class_name = "wrong>Metric", .aliases = {"wrong>metric"}, .make = [](const Json&) {
         return std::shared_ptr<void>(metrics::get("Mean"));
       }});
  add("wrong>First", {"wrong>first"});
  if (what == "takes_a_name") add("wrong>Second", {"wrong>first"});
  if (what == "takes_a_builtin_name") add("wrong>Second", {"huber"});
  if (what == "has_no_package") add("Second");
  if (what == "removes") losses::registry().remove("Huber");
  if (what == "throws") throw std::runtime_error("no luck today");
  if (what == "throws_int") throw 3;
}
