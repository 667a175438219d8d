// SPDX-License-Identifier: Apache-2.0
// Registry<Base>::add, for the sources that register classes: it costs nlohmann's header.
#pragma once
#include <assay/core/options/config.h>
#include <assay/core/options/names.h>
#include <assay/registry/registry.h>

namespace assay {

template <class Base>
template <class T>
void Registry<Base>::add(std::vector<std::string> aliases) {
  using Options = typename T::Options;
  const std::string name = Options::class_name;
  const auto package = name.substr(0, name.find('>') + 1);  // "" without one
  for (auto& alias : aliases) alias.insert(0, package);
  aliases.insert(aliases.begin(), snake_case(name));
  add_entry({
      .class_name = name,
      .aliases = std::move(aliases),
      .fields = &fields_of<Options>(),
      .make = [](const Json& config) -> std::shared_ptr<void> {
        std::shared_ptr<Base> made = std::make_shared<T>(options_from<Options>(config));
        return made;
      },
  });
}

}  // namespace assay
