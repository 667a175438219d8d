// SPDX-License-Identifier: Apache-2.0
// TorchScript files. For sources: it costs the headers of TorchScript.
#pragma once
#include <torch/csrc/jit/api/module.h>
#include <torch/nn/module.h>

#include <optional>
#include <string>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay {

/// A module that torch.jit.save wrote, on the CPU. It is a program: read only files that you trust.
/// Errors: ValueError that names the file.
torch::jit::Module load_script(const std::string& path);

/// A copy of a module with all that it holds; its parameters can be trained as the module's can.
torch::jit::Module copy_script(const torch::jit::Module& module,
                               const std::optional<at::Device>& device = std::nullopt);

/// Gives a module the parameters, buffers and parts of a script under their names: they are the
/// same tensors.
void adopt_script(torch::nn::Module& module, const torch::jit::Module& script);

/// Arguments and result of a method, as Python writes their types.
struct ScriptSignature {
  std::vector<std::string> arguments;  ///< "y_true: Tensor"
  /// The type of what it returns.
  std::string result = "Tensor";
};

/// Errors: ValueError where the module has no such method, or one whose arguments or result have
/// other types; their names do not matter. It names `path` and both signatures.
void check_method(const torch::jit::Module& module, const std::string& path,
                  const std::string& method, const ScriptSignature& expected);

/// Runs a method. Errors: ValueError that names `path`, where it throws.
c10::IValue run_method(const torch::jit::Module& module, const std::string& path,
                       const std::string& method, std::vector<c10::IValue> arguments);

}  // namespace assay
#pragma GCC visibility pop
