// SPDX-License-Identifier: Apache-2.0
#include <assay/training/data/byte_stream.h>
#include <assay/training/layers/layer-inl.h>
#include <assay/training/layers/torch_script.h>
#include <c10/util/Exception.h>
#include <torch/script.h>

namespace assay::training::layers {
namespace {

// Parameters, buffers and parts of a TorchScript module as those of an ordinary one: they are the
// same tensors.
class Mirror final : public torch::nn::Module {
 public:
  explicit Mirror(const torch::jit::Module& program) { fill(*this, program); }

  static void fill(torch::nn::Module& module, const torch::jit::Module& program) {
    for (const auto& parameter : program.named_parameters(/*recurse=*/false)) {
      module.register_parameter(parameter.name, parameter.value, parameter.value.requires_grad());
    }
    for (const auto& buffer : program.named_buffers(/*recurse=*/false)) {
      module.register_buffer(buffer.name, buffer.value);
    }
    for (const auto& part : program.named_children()) {
      module.register_module(part.name, std::make_shared<Mirror>(part.value));
    }
  }
};

torch::jit::Module read_program(const Path& path) {
  check_is_file(path.get());
  try {
    return torch::jit::load(path.value, at::kCPU);
  } catch (const c10::Error& error) {
    TORCH_CHECK_VALUE(false, path.value,
                      ": is no TorchScript file: ", error.what_without_backtrace());
  }
}

}  // namespace

struct TorchScript::Program {
  torch::jit::Module module;
};

TorchScript::TorchScript(Options options)
    : LayerOf(std::move(options)), program_(new Program{read_program(options_.path)}) {
  TORCH_CHECK_VALUE(program_->module.find_method("forward"), options_.path.value,
                    ": has no method forward; expected one from a tensor to a tensor");
  adopt();
}

TorchScript::TorchScript(const TorchScript& other, const std::optional<torch::Device>& device)
    : LayerOf(other.options_), program_(new Program{other.program_->module.deepcopy(device)}) {
  adopt();
  train(other.is_training());
}

void TorchScript::adopt() {
  Mirror::fill(*this, program_->module);
  program_->module.train(is_training());
}

std::shared_ptr<torch::nn::Module> TorchScript::clone(
    const std::optional<torch::Device>& device) const {
  return std::shared_ptr<TorchScript>(new TorchScript(*this, device));
}

TorchScript::~TorchScript() = default;

void TorchScript::train(bool on) {
  Module::train(on);
  program_->module.train(on);
}

at::Tensor TorchScript::forward(const at::Tensor& x) {
  torch::jit::IValue result;
  try {
    result = program_->module.forward({x});
  } catch (const std::exception& error) {
    TORCH_CHECK_VALUE(false, options_.path.value, ": forward failed: ", error.what());
  }
  TORCH_CHECK_VALUE(result.isTensor(), options_.path.value, ": forward returned ", result.tagKind(),
                    "; expected one tensor");
  return result.toTensor();
}

void register_torch_script(LayerRegistry& registry) { registry.add<TorchScript>({"torchscript"}); }

}  // namespace assay::training::layers
