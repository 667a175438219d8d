// SPDX-License-Identifier: Apache-2.0
// What a plugin defines. CMake's assay_add_plugin(name sources...) adds the rest.
#pragma once

namespace assay {

/// Defined by each plugin, once; called when it is loaded:
///
///     void assay::register_plugin() {
///       losses::registry().add<mine::Charbonnier>();
///     }
///
/// Class names are "package>Name". What it registers appears in the registries when it returns, or
/// not at all where it throws.
[[gnu::visibility("hidden")]] void register_plugin();

}  // namespace assay
