// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/dtype.h>
#include <assay/losses/loss.h>
#include <assay/losses/script_loss.h>
#include <assay/registry/script_options.h>

namespace assay::losses {
namespace {

struct ScriptLossOptions {
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name;
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() { return loss_fields<ScriptLossOptions>(); }
};

using Options = ScriptOptions<ScriptLossOptions>;

using Script = ScriptClass<ScriptLossOptions>;

class ScriptLoss final : public Loss {
 public:
  ScriptLoss(std::shared_ptr<const Script> script, Options options)
      : ScriptLoss(script, std::move(options), copy_script(script->module)) {
    set_script_attributes(module_, options_.attributes);
  }

  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override {
    const auto values =
        run_method(module_, script_->path, "forward", {y_true, to_compute(y_pred)}).toTensor();
    return {to_compute(values)};
  }

  Json get_config() const override { return script_->to_config(options_); }

  std::string class_name() const override { return script_->name; }

  std::shared_ptr<torch::nn::Module> clone(
      const std::optional<torch::Device>& device = std::nullopt) const override {
    return std::shared_ptr<ScriptLoss>(
        new ScriptLoss(script_, options_, copy_script(module_, device)));
  }

 protected:
  // A script may do with masked entries what it likes.
  std::optional<IntegerOrList> value_axes() const override { return std::nullopt; }

 private:
  ScriptLoss(std::shared_ptr<const Script> script, Options options, torch::jit::Module module)
      : Loss(options.name, options.reduction, options.dtype),
        script_(std::move(script)),
        options_(std::move(options)),
        module_(std::move(module)) {
    adopt_script(*this, module_);
  }

  std::shared_ptr<const Script> script_;
  Options options_;
  torch::jit::Module module_;
};

}  // namespace

RegistryEntry script_entry(const std::string& path, bool registered) {
  const auto script = script_class<ScriptLossOptions>(path, registered);
  check_method(script->module, path, "forward", {{"y_true: Tensor", "y_pred: Tensor"}});
  return script_entry_of<Loss, ScriptLoss>(script);
}

}  // namespace assay::losses
