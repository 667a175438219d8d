// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/data/relative_paths.h>
#include <assay/training/layers/layer.h>

#include <memory>

namespace assay::training::layers {

/// Options of `TorchScript`.
struct TorchScriptOptions {
  static constexpr auto class_name = "TorchScript";
  Path path = {};
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    using O = TorchScriptOptions;
    return assay::fields(field("path", &O::path, "The file that torch.jit.save wrote.", given_path),
                         layer_fields<O>());
  }
};

/// A module out of a TorchScript file, whose `forward` takes one tensor and returns one. Its
/// parameters and buffers appear under their names in the file, can be trained, saved and moved.
///
/// A TorchScript file is a program: load only files that you trust.
/// Errors: ValueError that names the file, for one that is missing or no TorchScript file, and for
/// a `forward` that fails or returns something else.
class TorchScript final : public LayerOf<TorchScript, TorchScriptOptions> {
 public:
  /// Reads the file. Errors: see the class.
  explicit TorchScript(Options options);
  ~TorchScript() override;

  at::Tensor forward(const at::Tensor& x) override;
  /// Sets the mode of the script's modules too.
  void train(bool on = true) override;
  /// A copy of the module and its tensors, on `device` where one is given; the file is not read
  /// again.
  std::shared_ptr<torch::nn::Module> clone(
      const std::optional<torch::Device>& device = std::nullopt) const override;

 private:
  struct Program;

  TorchScript(const TorchScript& other, const std::optional<torch::Device>& device);
  void adopt();

  std::unique_ptr<Program> program_;
};

}  // namespace assay::training::layers
