// SPDX-License-Identifier: Apache-2.0
#include <assay/core/script_module.h>
#include <assay/training/data/byte_stream.h>
#include <assay/training/layers/layer-inl.h>
#include <assay/training/layers/torch_script.h>
#include <c10/util/Exception.h>

namespace assay::training::layers {
namespace {

torch::jit::Module read_program(const Path& path) {
  check_is_file(path.get());
  return load_script(path.value);
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
    : LayerOf(other.options_), program_(new Program{copy_script(other.program_->module, device)}) {
  adopt();
  train(other.is_training());
}

void TorchScript::adopt() {
  adopt_script(*this, program_->module);
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
  const auto result = run_method(program_->module, options_.path.value, "forward", {x});
  TORCH_CHECK_VALUE(result.isTensor(), options_.path.value, ": forward returned ", result.tagKind(),
                    "; expected one tensor");
  return result.toTensor();
}

void register_torch_script(LayerRegistry& registry) { registry.add<TorchScript>({"torchscript"}); }

}  // namespace assay::training::layers
