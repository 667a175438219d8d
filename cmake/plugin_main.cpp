// SPDX-License-Identifier: Apache-2.0
// Compiled into every plugin: the stamp, which is read before the plugin is loaded, and the one
// symbol that is called then.
#include <assay/registry/plugins/build_stamp.h>
#include <assay/registry/plugins/plugin.h>

namespace {

[[gnu::section(".note.assay"), gnu::used, gnu::aligned(4)]] constexpr assay::AbiNote note{
    .stamp = assay::kBuildStamp};

}  // namespace

extern "C" [[gnu::visibility("default")]] void assay_register_plugin() { assay::register_plugin(); }
