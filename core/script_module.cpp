// SPDX-License-Identifier: Apache-2.0
#include <assay/core/error_text.h>
#include <assay/core/options/names.h>
#include <assay/core/script_module.h>
#include <c10/util/Exception.h>
#include <torch/csrc/jit/serialization/import.h>

#include <filesystem>

namespace assay {
namespace {

std::string type_of(const std::string& argument) {
  return argument.substr(argument.find(": ") + 2);
}

std::string text(const std::string& method, const ScriptSignature& signature) {
  return method + "(self" + (signature.arguments.empty() ? "" : ", ") + join(signature.arguments) +
         ") -> " + signature.result;
}

ScriptSignature signature_of(const torch::jit::Method& method) {
  const auto& schema = method.function().getSchema();
  ScriptSignature signature{.result = schema.returns().at(0).type()->annotation_str()};
  for (std::size_t i = 1; i < schema.arguments().size(); ++i) {
    const auto& argument = schema.arguments()[i];
    signature.arguments.push_back(argument.name() + ": " + argument.type()->annotation_str());
  }
  return signature;
}

bool same_types(const ScriptSignature& a, const ScriptSignature& b) {
  return a.result == b.result &&
         std::equal(a.arguments.begin(), a.arguments.end(), b.arguments.begin(), b.arguments.end(),
                    [](const auto& x, const auto& y) { return type_of(x) == type_of(y); });
}

}  // namespace

torch::jit::Module load_script(const std::string& path) {
  TORCH_CHECK_VALUE(std::filesystem::is_regular_file(path), path, ": no such file");
  try {
    return torch::jit::load(path, at::kCPU);
  } catch (const std::exception& error) {
    TORCH_CHECK_VALUE(false, path, ": is no TorchScript file: ", error_text(error));
  }
}

torch::jit::Module copy_script(const torch::jit::Module& module,
                               const std::optional<at::Device>& device) {
  const at::NoGradGuard no_grad;  // else the copies would be results, with a gradient function
  auto copy = module.deepcopy(device);
  auto copied = copy.parameters().begin();
  for (const auto& parameter : module.parameters()) {
    (*copied).set_requires_grad(parameter.requires_grad());
    ++copied;
  }
  return copy;
}

void adopt_script(torch::nn::Module& module, const torch::jit::Module& script) {
  for (const auto& parameter : script.named_parameters(/*recurse=*/false)) {
    module.register_parameter(parameter.name, parameter.value, parameter.value.requires_grad());
  }
  for (const auto& buffer : script.named_buffers(/*recurse=*/false)) {
    module.register_buffer(buffer.name, buffer.value);
  }
  for (const auto& part : script.named_children()) {
    auto mirror = std::make_shared<torch::nn::Module>();
    adopt_script(*mirror, part.value);
    module.register_module(part.name, std::move(mirror));
  }
}

void check_method(const torch::jit::Module& module, const std::string& path,
                  const std::string& method, const ScriptSignature& expected) {
  const auto found = module.find_method(method);
  TORCH_CHECK_VALUE(found, path, ": has no method ", method, "; expected ", text(method, expected));
  const auto signature = signature_of(*found);
  TORCH_CHECK_VALUE(same_types(signature, expected), path, ": has ", text(method, signature),
                    "; expected ", text(method, expected));
}

c10::IValue run_method(const torch::jit::Module& module, const std::string& path,
                       const std::string& method, std::vector<c10::IValue> arguments) {
  try {
    return module.get_method(method)(std::move(arguments));
  } catch (const std::exception& error) {
    TORCH_CHECK_VALUE(false, path, ": ", method, " failed: ", error.what());
  }
}

}  // namespace assay
