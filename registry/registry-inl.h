// SPDX-License-Identifier: Apache-2.0
// Registry<Base>::add, for the sources that register classes: it costs nlohmann's header.
#pragma once
#include <assay/core/options/config.h>
#include <assay/core/options/names.h>
#include <assay/registry/registry.h>

namespace assay {

template <class Base>
template <class T>
void Registry<Base>::add(std::vector<std::string> aliases, std::string_view package) {
  using Options = typename T::Options;
  const std::string name = Options::class_name;
  aliases.insert(aliases.begin(), snake_case(name));
  if (!package.empty()) {
    for (auto& alias : aliases) alias = std::string(package) + ">" + alias;
  }
  add_entry({
      .class_name = package.empty() ? name : std::string(package) + ">" + name,
      .aliases = std::move(aliases),
      .fields = &fields_of<Options>(),
      .make = [](const Json& config) -> std::shared_ptr<void> {
        std::shared_ptr<Base> made = std::make_shared<T>(options_from<Options>(config));
        return made;
      },
  });
}

}  // namespace assay
