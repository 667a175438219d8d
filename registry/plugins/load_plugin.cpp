// SPDX-License-Identifier: Apache-2.0
#include <assay/core/error_text.h>
#include <assay/core/memory_map.h>
#include <assay/core/script_module.h>
#include <assay/losses/registry.h>
#include <assay/losses/script_loss.h>
#include <assay/metrics/registry.h>
#include <assay/metrics/script_metric.h>
#include <assay/registry/identifier.h>
#include <assay/registry/plugins/build_stamp.h>
#include <assay/registry/plugins/load_plugin.h>
#include <assay/registry/transaction.h>
#include <c10/util/Exception.h>
#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <sstream>

namespace assay {
namespace {

using RegisterFunction = void (*)();

struct Close {
  void operator()(void* library) const { dlclose(library); }
};
using Library = std::unique_ptr<void, Close>;

struct LoadedPlugins {
  std::recursive_mutex mutex;  // a plugin's registration may load another
  std::vector<Plugin> list;
};

LoadedPlugins& loaded() {
  static auto& plugins =
      *new LoadedPlugins;  // other static objects may still ask for it at the end
  return plugins;
}

std::optional<AbiStamp> stamp_of(const std::filesystem::path& file) {
  TORCH_CHECK_VALUE(std::filesystem::is_regular_file(file), "no file");
  return find_stamp(MemoryMap::open(file)->bytes());
}

AbiStamp checked_stamp(const std::filesystem::path& file) {
  const auto stamp = stamp_of(file);
  TORCH_CHECK_VALUE(stamp,
                    "a shared library, but no plugin of assay: it has no stamp, which "
                    "CMake's assay_add_plugin puts in");
  TORCH_CHECK_VALUE(compatible(*stamp, kBuildStamp), "it was built with ", to_string(*stamp),
                    "; this is ", to_string(kBuildStamp), ". Build it again with this one");
  return *stamp;
}

// A plugin would bring a second assay, whose operators and registries clash with this one.
void check_is_shared() {
  Dl_info info;
  link_map* library = nullptr;
  const bool known = dladdr1(reinterpret_cast<void*>(&load_plugin), &info,
                             reinterpret_cast<void**>(&library), RTLD_DL_LINKMAP) != 0;
  TORCH_CHECK_VALUE(known && library->l_name[0] != '\0',
                    "this program is linked with a static assay, which loads no plugins");
}

Library open_library(const std::filesystem::path& file) {
  Library library(dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL));
  TORCH_CHECK_VALUE(library, dlerror());
  return library;
}

void check_names(const RegistryTransaction& transaction) {
  for (const auto& [table, entry] : transaction.held()) {
    auto names = entry.aliases;
    names.push_back(entry.class_name);
    for (const auto& name : names) {
      const auto package_end = name.find('>');
      TORCH_CHECK_VALUE(package_end != 0 && package_end < name.size() - 1, "it registers the ",
                        table->kind(), " '", name, "'; expected a name like 'package>Name'");
    }
  }
}

// What a function registers, all of it or nothing. Errors: as the function, and for a wrong name.
template <class Function>
std::vector<std::string> registered_by(Function&& function) {
  RegistryTransaction transaction;
  function();
  check_names(transaction);
  std::vector<std::string> names;
  for (const auto& held : transaction.held()) names.push_back(held.entry.class_name);
  transaction.commit();
  return names;
}

// The exceptions and functions that the library made are gone when this throws: then it can be
// closed.
std::vector<std::string> registered_by_library(void* library) {
  const auto function = reinterpret_cast<RegisterFunction>(dlsym(library, "assay_register_plugin"));
  TORCH_CHECK_VALUE(function, "it has no function assay_register_plugin");
  std::string failure;
  std::vector<std::string> names;
  try {
    names = registered_by(function);
  } catch (const std::exception& error) {
    failure = error_text(error);
  } catch (...) {
    failure = "it threw something that is no std::exception";
  }
  TORCH_CHECK_VALUE(failure.empty(), "its registration failed: ", failure);
  return names;
}

Plugin load_library(const std::filesystem::path& file) {
  check_is_shared();
  const auto stamp = checked_stamp(file);
  auto library = open_library(file);
  Plugin plugin{file, stamp, registered_by_library(library.get())};
  (void)library.release();
  return plugin;
}

Plugin load_script_plugin(const std::filesystem::path& file) {
  return {file, std::nullopt, registered_by([&] {
            if (load_script(file).find_method("update_state")) {
              metrics::registry().add_entry(metrics::script_entry(file, /*registered=*/true));
            } else {
              losses::registry().add_entry(losses::script_entry(file, /*registered=*/true));
            }
          })};
}

Plugin load(const std::filesystem::path& file) {
  auto& [mutex, list] = loaded();
  const std::lock_guard lock(mutex);
  const auto same = [&](const Plugin& plugin) { return plugin.file == file; };
  const auto found = std::find_if(list.begin(), list.end(), same);
  if (found != list.end()) return *found;
  list.push_back(is_script_path(file.string()) ? load_script_plugin(file) : load_library(file));
  return list.back();
}

bool is_plugin(const std::filesystem::path& file) {
  return file.extension() == ".so" &&
         with_context("cannot read " + file.string(), [&] { return stamp_of(file).has_value(); });
}

void load_folder(const std::filesystem::path& folder, std::vector<Plugin>& plugins) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (is_plugin(entry.path())) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) plugins.push_back(load_plugin(file));
}

}  // namespace

Plugin load_plugin(const std::filesystem::path& file) {
  return with_context("cannot load the plugin " + file.string(), [&] {
    std::error_code error;
    const auto canonical = std::filesystem::canonical(file, error);
    TORCH_CHECK_VALUE(!error, error.message());
    return load(canonical);
  });
}

std::vector<Plugin> load_plugins_from_environment() {
  std::vector<Plugin> plugins;
  const auto* list = std::getenv("ASSAY_PLUGIN_PATH");
  std::istringstream paths(list ? list : "");
  for (std::string path; std::getline(paths, path, ':');) {
    if (path.empty()) continue;
    with_context("ASSAY_PLUGIN_PATH", [&] {
      if (std::filesystem::is_directory(path)) {
        load_folder(path, plugins);
      } else {
        plugins.push_back(load_plugin(path));
      }
    });
  }
  return plugins;
}

std::vector<Plugin> loaded_plugins() {
  auto& [mutex, list] = loaded();
  const std::lock_guard lock(mutex);
  return list;
}

}  // namespace assay
