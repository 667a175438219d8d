// SPDX-License-Identifier: Apache-2.0
// How C++ calls assay's own dispatcher operators.
#pragma once
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>

#include <optional>
#include <string>
#include <type_traits>

#pragma GCC visibility push(hidden)
namespace assay {

/// The operator assay::`name`, to keep in a static variable: the search takes a lock.
template <class Signature>
c10::TypedOperatorHandle<Signature> operator_handle(const std::string& name) {
  return c10::Dispatcher::singleton()
      .findSchemaOrThrow(("assay::" + name).c_str(), "")
      .template typed<Signature>();
}

/// The Meta kernel of an operator that only writes into its arguments; others have their composed
/// implementation.
template <class Result, class... Arguments>
void implement_meta(torch::Library& library, const char* name, Result (*)(Arguments...)) {
  if constexpr (std::is_void_v<Result>) {
    void (*nothing)(Arguments...) = [](Arguments...) {};
    library.impl(name, torch::dispatch(c10::DispatchKey::Meta, nothing));
  }
}

/// Defines an operator without derivatives: a composed implementation for every device, and a
/// kernel for the CPU. `schema` is "name(arguments) -> results".
template <class Signature>
void define_with_cpu_kernel(torch::Library& library, const std::string& schema, Signature* composed,
                            Signature* cpu) {
  const auto name = schema.substr(0, schema.find('('));
  library.def(schema.c_str());
  library.impl(name.c_str(),
               torch::dispatch(c10::DispatchKey::CompositeExplicitAutograd, composed));
  library.impl(name.c_str(), torch::dispatch(c10::DispatchKey::CPU, cpu));
  implement_meta(library, name.c_str(), cpu);
  // Without this LibTorch puts every call into boxes, to warn that there is no derivative.
  library.impl(name.c_str(),
               torch::dispatch(c10::DispatchKey::Autograd, torch::CppFunction::makeFallthrough()));
}

/// An undefined tensor as an operator's missing argument.
inline std::optional<at::Tensor> optional(const at::Tensor& tensor) {
  return tensor.defined() ? std::optional(tensor) : std::nullopt;
}

/// What LibTorch's own operators do with tensors that they write into: graphs that saved one
/// notice.
inline void bump_version(const at::Tensor& written) {
  if (!written.is_inference()) written.unsafeGetTensorImpl()->bump_version();
}

}  // namespace assay
#pragma GCC visibility pop
