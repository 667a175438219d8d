// SPDX-License-Identifier: Apache-2.0
// Paths in configurations, which are relative to the file that names them.
#pragma once
#include <assay/core/options/fields.h>
#include <assay/core/options/json.h>
#include <assay/registry/registry.h>
#include <assay/training/path.h>

#include <filesystem>

namespace assay::training {

/// For a path without which nothing works.
inline constexpr Constraint<Path> given_path{[](const Path& path) { return !path.value.empty(); },
                                             "the path of a file"};

/// The identifier with every relative path in its options, those of type Path (optional or not),
/// put after `folder`; so is one that is the
/// name of a TorchScript file. What the registry cannot read stays as it is, for `get` to complain
/// about.
Json with_paths_in(const std::filesystem::path& folder, const Json& identifier,
                   const RegistryTable& registry);

}  // namespace assay::training
