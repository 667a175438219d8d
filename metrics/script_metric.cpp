// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/metrics/metric.h>
#include <assay/metrics/script_metric.h>
#include <assay/registry/script_options.h>

#include <set>

namespace assay::metrics {
namespace {

struct ScriptMetricOptions {
  std::string name;
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() { return metric_fields<ScriptMetricOptions>(); }
};

using Options = ScriptOptions<ScriptMetricOptions>;

using Script = ScriptClass<ScriptMetricOptions>;

Merge merge_named(const std::string& name, const std::string& path) {
  static const std::vector<std::pair<std::string, Merge>> known = {
      {"sum", Merge::kSum}, {"min", Merge::kMin}, {"max", Merge::kMax}};
  for (const auto& [known_name, merge] : known) {
    if (known_name == name) return merge;
  }
  TORCH_CHECK_VALUE(false, path, ": its attribute merge has '", name,
                    "'; expected sum, min or max");
}

Merge merge_of(const torch::jit::Module& module, const std::string& buffer,
               const std::string& path) {
  if (!module.hasattr("merge")) return Merge::kSum;
  const auto merge = module.attr("merge");
  TORCH_CHECK_VALUE(merge.isGenericDict(), path,
                    ": its attribute merge is no Dict[str, str] of buffers");
  for (const auto& item : merge.toGenericDict()) {
    TORCH_CHECK_VALUE(item.key().isString() && item.value().isString(), path,
                      ": its attribute merge is no Dict[str, str] of buffers");
    TORCH_CHECK_VALUE(module.hasattr(item.key().toStringRef()), path,
                      ": its attribute merge names '", item.key().toStringRef(),
                      "', which is no buffer");
    if (item.key().toStringRef() == buffer) return merge_named(item.value().toStringRef(), path);
  }
  return Merge::kSum;
}

bool all_equal(const at::Tensor& tensor) {
  return tensor.numel() < 2 || tensor.eq(tensor.flatten()[0]).all().item<bool>();
}

// Errors: ValueError where state is not in buffers, or cannot be reset.
void check_state(const torch::jit::Module& module, const std::string& path) {
  std::set<std::string> buffers;
  for (const auto& [name, value] : module.named_buffers(/*recurse=*/false)) {
    buffers.insert(name);
    TORCH_CHECK_VALUE(!value.is_complex() && all_equal(value), path, ": the values of its buffer '",
                      name, "' differ; expected real numbers, all the same, to which it is reset");
  }
  TORCH_CHECK_VALUE(!buffers.empty(), path, ": has no buffers; expected its state in them");
  TORCH_CHECK_VALUE(module.buffers(/*recurse=*/true).size() == buffers.size(), path,
                    ": a part of its module has buffers; expected them in the module itself");
  for (const auto& [name, value] : module.named_attributes(/*recurse=*/false)) {
    TORCH_CHECK_VALUE(!value.isTensor() || buffers.contains(name), path, ": its attribute '", name,
                      "' is a tensor, but no buffer; expected its state in buffers");
  }
}

class ScriptMetric final : public Metric {
 public:
  ScriptMetric(std::shared_ptr<const Script> script, Options options)
      : Metric(options.name, options.dtype),
        script_(std::move(script)),
        options_(std::move(options)),
        module_(copy_script(script_->module)) {
    set_script_attributes(module_, options_.attributes);
    for (const auto& [name, value] : module_.named_buffers(/*recurse=*/false)) {
      const auto initial = value.numel() > 0 ? value.flatten()[0].item<double>() : 0;
      auto& variable = add_state(name, value.sizes(), value.scalar_type(),
                                 merge_of(module_, name, script_->path), initial);
      variables_.emplace_back(name, &variable);
    }
  }

  Json get_config() const override { return script_->to_config(options_); }
  std::string class_name() const override { return script_->name; }
  std::shared_ptr<Metric> fresh() const override {
    return std::make_shared<ScriptMetric>(script_, options_);
  }

 protected:
  void update(const at::Tensor& y_true, const at::Tensor& y_pred,
              const at::Tensor& sample_weight) override {
    TORCH_CHECK_VALUE(y_pred.defined(), "y_pred is missing");
    put_state();
    run_method(
        module_, script_->path, "update_state",
        {y_true, y_pred, sample_weight.defined() ? c10::IValue(sample_weight) : c10::IValue()});
    check_attributes();
    const auto updated = updated_state();
    for (std::size_t i = 0; i < updated.size(); ++i) variables_[i].second->copy_(updated[i]);
  }

  at::Tensor compute() const override {
    put_state();
    return run_method(module_, script_->path, "result", {}).toTensor();
  }

 private:
  // The script works on copies: what it does counts when it is done.
  void put_state() const {
    for (const auto& [name, value] : variables_) module_.setattr(name, value->clone());
  }

  std::vector<at::Tensor> updated_state() const {
    std::vector<at::Tensor> updated;
    for (const auto& [name, value] : variables_) {
      const auto now = module_.attr(name).toTensor();
      TORCH_CHECK_VALUE(now.sizes() == value->sizes() && now.scalar_type() == value->scalar_type(),
                        script_->path, ": update_state made the buffer '", name, "' ",
                        describe(now), "; expected ", describe(*value));
      updated.push_back(now);
    }
    return updated;
  }

  void check_attributes() const {
    for (const auto& [name, value] : options_.attributes) {
      if (module_.attr(name) == value) continue;
      module_.setattr(name, value);
      TORCH_CHECK_VALUE(false, script_->path, ": update_state changed the attribute '", name,
                        "'; expected all state in buffers");
    }
  }

  std::shared_ptr<const Script> script_;
  Options options_;
  mutable torch::jit::Module module_;
  std::vector<std::pair<std::string, at::Tensor*>> variables_;
};

}  // namespace

RegistryEntry script_entry(const std::string& path, bool registered) {
  const auto script = script_class<ScriptMetricOptions>(path, registered);
  check_method(
      script->module, path, "update_state",
      {{"y_true: Tensor", "y_pred: Tensor", "sample_weight: Optional[Tensor]"}, "NoneType"});
  check_method(script->module, path, "result", {{}});
  check_state(script->module, path);
  for (const auto& buffer : script->module.named_buffers(/*recurse=*/false)) {
    merge_of(script->module, buffer.name, path);
  }
  return script_entry_of<Metric, ScriptMetric>(script);
}

}  // namespace assay::metrics
