// SPDX-License-Identifier: Apache-2.0
// Losses out of TorchScript files.
#pragma once
#include <assay/registry/registry.h>

#include <string>

#pragma GCC visibility push(hidden)
namespace assay::losses {

/// A loss of a scripted module with
///
///     forward(self, y_true: Tensor, y_pred: Tensor) -> Tensor
///
/// which returns unreduced values, [batch, d0 .. dN-1], and takes predictions in float32 or
/// float64. Reduction, weights and masks are added to it. Its options are `reduction`, `name`,
/// `dtype`, and the attributes of the module that are numbers, flags or texts.
///
/// `losses::get` makes one from a path that ends with ".pt", which is then its class name; where
/// `registered`, as `load_plugin` does it, that is the module's attribute `registered_name`.
/// Errors: ValueError that names the file, and the signature that was expected.
RegistryEntry script_entry(const std::string& path, bool registered = false);

}  // namespace assay::losses
#pragma GCC visibility pop
