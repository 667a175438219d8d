// SPDX-License-Identifier: Apache-2.0
// Metrics out of TorchScript files.
#pragma once
#include <assay/registry/registry.h>

#include <string>

#pragma GCC visibility push(hidden)
namespace assay::metrics {

/// A metric of a scripted module whose state is in its buffers, with
///
///     update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Optional[Tensor]) -> None
///     result(self) -> Tensor
///
/// State merges by sum, or as an attribute `merge: Dict[str, str]` says of a buffer: "sum", "min",
/// "max". It is reset to what the file holds. Where update_state throws, the state stays as it was.
/// The options are `name`, `dtype`, and the attributes of the module that are numbers, flags or
/// texts.
///
/// `metrics::get` makes one from a path that ends with ".pt", which is then its class name; where
/// `registered`, as `load_plugin` does it, that is the module's attribute `registered_name`.
/// Errors: ValueError that names the file, and the signature that was expected; a buffer whose
/// values differ, a tensor that is no buffer, state in a part of the module; and, when it is
/// updated, a buffer whose shape or type changes, or an attribute that does.
RegistryEntry script_entry(const std::string& path, bool registered = false);

}  // namespace assay::metrics
#pragma GCC visibility pop
