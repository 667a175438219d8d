// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <assay/tests/testing/accelerator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

#include <algorithm>
#include <map>
#include <set>

namespace assay::testing {
namespace {

constexpr auto kDevice = c10::DeviceType::PrivateUse1;

std::vector<std::string>& waits() {
  static std::vector<std::string> names;
  return names;
}

bool is_ours(const at::Tensor& tensor) {
  return tensor.defined() && tensor.device().type() == kDevice;
}

// The same memory, seen as another device's.
c10::Storage seen_from(const c10::Storage& storage, const c10::Device& device) {
  auto* keeps_alive = new c10::Storage(storage);
  c10::DataPtr data(
      storage.mutable_data(), keeps_alive,
      [](void* kept) { delete static_cast<c10::Storage*>(kept); }, device);
  return c10::Storage(c10::Storage::use_byte_size_t(), storage.nbytes(), std::move(data),
                      c10::GetCPUAllocator(), /*resizable=*/true);
}

void set_geometry(const at::Tensor& tensor, const at::Tensor& like) {
  tensor.unsafeGetTensorImpl()->set_sizes_and_strides(like.sizes(), like.strides(),
                                                      like.storage_offset());
}

at::Tensor over(const c10::Storage& storage, c10::DispatchKey key, const at::Tensor& like) {
  auto made = at::detail::make_tensor<c10::TensorImpl>(c10::Storage(storage),
                                                       c10::DispatchKeySet(key), like.dtype());
  set_geometry(made, like);
  if (like.unsafeGetTensorImpl()->is_wrapped_number()) {
    made.unsafeGetTensorImpl()->set_wrapped_number(true);
  }
  return made;
}

/// One call of an operator: its tensors lent to the CPU, its results taken back.
class Loan {
 public:
  at::Tensor lend(const at::Tensor& ours) {
    if (!is_ours(ours)) {
      if (ours.defined()) lent_.push_back({ours, ours});
      return ours;
    }
    auto& storage = storages_[ours.storage().unsafeGetStorageImpl()];
    if (!storage) storage = seen_from(ours.storage(), at::kCPU);
    lent_.push_back({ours, over(storage, c10::DispatchKey::CPU, ours)});
    return lent_.back().theirs;
  }

  at::Tensor take_back(const at::Tensor& result) const {
    if (!result.defined()) return result;
    for (const auto& [ours, theirs] : lent_) {
      if (theirs.is_same(result)) return ours;
    }
    for (const auto& [ours, theirs] : lent_) {
      if (theirs.storage().unsafeGetStorageImpl() == result.storage().unsafeGetStorageImpl()) {
        return over(ours.storage(), c10::DispatchKey::PrivateUse1, result);
      }
    }
    return over(seen_from(result.storage(), accelerator()), c10::DispatchKey::PrivateUse1, result);
  }

  // What the operator resized has moved.
  void follow_resizes() const {
    for (const auto& [ours, theirs] : lent_) {
      if (!is_ours(ours)) continue;
      if (ours.storage().data() != theirs.storage().data()) {
        ours.unsafeGetTensorImpl()->set_storage_keep_dtype(
            seen_from(theirs.storage(), accelerator()));
      }
      set_geometry(ours, theirs);
    }
  }

 private:
  struct Lent {
    at::Tensor ours;
    at::Tensor theirs;
  };
  std::vector<Lent> lent_;
  std::map<c10::StorageImpl*, c10::Storage> storages_;
};

template <class Change>
void change_tensors(c10::IValue& value, const Change& change) {
  if (value.isTensor()) {
    value = change(value.toTensor());
  } else if (value.isTensorList()) {
    auto tensors = value.toTensorVector();
    for (auto& tensor : tensors) tensor = change(tensor);
    value = tensors;
  } else if (value.isOptionalTensorList()) {
    c10::List<std::optional<at::Tensor>> changed;
    for (const auto& tensor : value.toOptionalTensorVector()) {
      changed.push_back(tensor ? std::make_optional(change(*tensor)) : std::nullopt);
    }
    value = changed;
  }
}

bool picks_by_mask(const c10::IValue& indices) {
  const auto tensors = indices.toOptionalTensorVector();
  return std::any_of(tensors.begin(), tensors.end(), [](const auto& index) {
    return index && (index->scalar_type() == at::kBool || index->scalar_type() == at::kByte);
  });
}

bool makes_the_host_wait(const std::string& name, c10::ArrayRef<c10::IValue> arguments) {
  static const std::set<std::string> reads = {"aten::_local_scalar_dense",
                                              "aten::equal",
                                              "aten::is_nonzero",
                                              "aten::nonzero",
                                              "aten::nonzero_static",
                                              "aten::masked_select",
                                              "aten::_unique",
                                              "aten::_unique2",
                                              "aten::unique_dim",
                                              "aten::unique_consecutive",
                                              "aten::bincount",
                                              "aten::histc",
                                              "aten::repeat_interleave"};
  if (reads.contains(name)) return true;
  if (name == "aten::index" || name == "aten::_index_put_impl_") return picks_by_mask(arguments[1]);
  if (name != "aten::copy_") return false;
  const bool to_host = !is_ours(arguments[0].toTensor());
  const bool from_host = !is_ours(arguments[1].toTensor());
  return to_host || (from_host && !arguments[2].toBool());
}

void on_the_cpu(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const auto& schema = op.schema();
  const auto begin = stack->size() - schema.arguments().size();
  if (makes_the_host_wait(schema.name(), c10::ArrayRef<c10::IValue>(*stack).slice(begin))) {
    waits().push_back(schema.name());
  }
  Loan loan;
  for (auto i = begin; i < stack->size(); ++i) {
    auto& argument = (*stack)[i];
    if (argument.isDevice() && argument.toDevice().type() == kDevice) {
      argument = c10::Device(at::kCPU);
    } else {
      change_tensors(argument, [&](const at::Tensor& tensor) { return loan.lend(tensor); });
    }
  }
  {
    const at::AutoDispatchBelowADInplaceOrView below_autograd;
    op.callBoxed(stack);
  }
  loan.follow_resizes();
  for (auto i = stack->size() - schema.returns().size(); i < stack->size(); ++i) {
    change_tensors((*stack)[i], [&](const at::Tensor& tensor) { return loan.take_back(tensor); });
  }
}

struct Guard final : c10::impl::NoOpDeviceGuardImpl<kDevice> {
  c10::Device exchangeDevice(c10::Device device) const override { return accelerator(); }
  c10::Device getDevice() const override { return accelerator(); }
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }
  // Work is done when it is called for: the streams of the backward pass have nothing to wait for.
  c10::Stream getStream(c10::Device device) const noexcept override {
    return c10::Stream(c10::Stream::DEFAULT, device);
  }
  void record(void**, const c10::Stream&, const c10::DeviceIndex,
              const c10::EventFlag) const override {}
  void block(void*, const c10::Stream&) const override {}
  bool queryEvent(void*) const override { return true; }
};
C10_REGISTER_GUARD_IMPL(PrivateUse1, Guard);

// What the backward pass asks of an accelerator.
struct Hooks final : at::PrivateUse1HooksInterface {
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
};

const bool registered = [] {
  static Hooks hooks;
  at::RegisterPrivateUse1HooksInterface(&hooks);
  c10::register_privateuse1_backend("accelerator");
  return true;
}();

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&on_the_cpu>());
}

// Written for every device, of other operators: the fallback would not see the copy.
TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
  library.impl("copy_", torch::CppFunction::makeFromBoxedFunction<&on_the_cpu>());
}

}  // namespace

at::Device accelerator() { return {kDevice, 0}; }

at::Tensor on_accelerator(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.to(accelerator()) : tensor;
}

HostWaits::HostWaits() { waits().clear(); }

std::vector<std::string> HostWaits::seen() const { return waits(); }

}  // namespace assay::testing
