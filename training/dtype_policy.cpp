// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <assay/training/dtype_policy.h>
#include <c10/util/Exception.h>

namespace assay::training {

DtypePolicy::DtypePolicy(std::string_view name) {
  for (const auto kind : {Kind::kFloat32, Kind::kFloat64, Kind::kMixedBfloat16}) {
    kind_ = kind;
    if (this->name() == name) return;
  }
  TORCH_CHECK_VALUE(false, "dtype_policy is '", std::string(name),
                    "'; expected float32, float64 or mixed_bfloat16",
                    name == "mixed_float16" ? " (float16 would need a scaled loss)" : "");
}

std::string DtypePolicy::name() const {
  switch (kind_) {
    case Kind::kFloat64:
      return "float64";
    case Kind::kMixedBfloat16:
      return "mixed_bfloat16";
    default:
      return "float32";
  }
}

void DtypePolicy::apply_to(torch::nn::Module& module) const {
  if (kind_ == Kind::kFloat64) module.to(at::kDouble);
}

DtypePolicy::Autocast::Autocast(at::DeviceType device, at::ScalarType type)
    : device_(device),
      was_enabled_(at::autocast::is_autocast_enabled(device)),
      old_type_(at::autocast::get_autocast_dtype(device)) {
  at::autocast::set_autocast_enabled(device, true);
  at::autocast::set_autocast_dtype(device, type);
  at::autocast::increment_nesting();
}

DtypePolicy::Autocast::~Autocast() {
  // Parameters that were cast are kept for one forward pass alone: the optimizer changes them.
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_dtype(device_, old_type_);
  at::autocast::set_autocast_enabled(device_, was_enabled_);
}

at::Tensor DtypePolicy::in_float32(const at::Tensor& y) {
  return y.defined() && y.scalar_type() == at::kBFloat16 ? y.to(at::kFloat) : y;
}

at::Tensor DtypePolicy::in_float64(const at::Tensor& x) {
  return x.is_floating_point() ? x.to(at::kDouble) : x;
}

}  // namespace assay::training
