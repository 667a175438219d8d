// SPDX-License-Identifier: Apache-2.0
#include <ATen/EmptyTensor.h>
#include <assay/core/dtype.h>
#include <assay/core/kept_output.h>
#include <assay/core/operators/kernel_input.h>

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <cstdlib>
#include <memory>
#include <mutex>
#include <utility>

namespace assay {
namespace {

constexpr std::size_t kHugePage = 2 << 20;
constexpr std::size_t kSmallestKept = 2 * kHugePage;
constexpr std::size_t kLargestKept = 256 << 20;

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

struct Memory {
  std::unique_ptr<void, Free> data;
  std::size_t size = 0;
};

Memory allocate_huge_pages(std::size_t size) {
  size = (size + kHugePage - 1) / kHugePage * kHugePage;
  Memory memory{std::unique_ptr<void, Free>(std::aligned_alloc(kHugePage, size)), size};
  TORCH_CHECK_WITH(OutOfMemoryError, memory.data, "cannot allocate ", size, " bytes");
#ifdef __linux__
  madvise(memory.data.get(), size, MADV_HUGEPAGE);  // where the system refuses, it stays as it was
#endif
  return memory;
}

// Memory that one tensor freed, for the next.
class OutputAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(std::size_t size) override {
    Memory memory = kept_for(size);
    if (!memory.data) memory = allocate_huge_pages(size);
    auto* data = memory.data.get();
    return {data, new Memory(std::move(memory)), &give_back, at::kCPU};
  }
  void copy_data(void* to, const void* from, std::size_t size) const override {
    default_copy_data(to, from, size);
  }
  void keep(Memory memory) {
    const std::lock_guard lock(mutex_);
    std::swap(kept_, memory);
  }

 private:
  Memory kept_for(std::size_t size) {
    const std::lock_guard lock(mutex_);
    const bool fits = kept_.size >= size && kept_.size - kept_.size / 4 <= size + kHugePage;
    return fits ? std::exchange(kept_, {}) : Memory();
  }
  static void give_back(void* context);

  std::mutex mutex_;
  Memory kept_;
};

// Never destroyed: tensors may be freed after it would have been.
OutputAllocator& output_allocator() {
  static auto* const allocator = new OutputAllocator;
  return *allocator;
}

void OutputAllocator::give_back(void* context) {
  const std::unique_ptr<Memory> memory(static_cast<Memory*>(context));
  if (memory->size <= kLargestKept) output_allocator().keep(std::move(*memory));
}

}  // namespace

at::Tensor kernel_operand(const at::Tensor& tensor) {
  const auto dtype = tensor.scalar_type();
  const auto kept =
      at::isReducedFloatingType(dtype) && (dtype == at::kHalf || dtype == at::kBFloat16);
  return (kept ? tensor : tensor.to(compute_dtype(dtype))).contiguous();
}

std::pair<at::Tensor, at::Tensor> kernel_operands(const at::Tensor& y_true,
                                                  const at::Tensor& y_pred) {
  if (y_true.scalar_type() == y_pred.scalar_type()) {
    return {kernel_operand(y_true), kernel_operand(y_pred)};
  }
  // Labels may hold more digits than 16-bit predictions have.
  const auto dtype = compute_dtype(y_pred.scalar_type());
  return {y_true.to(dtype).contiguous(), y_pred.to(dtype).contiguous()};
}

at::Tensor empty_output(const at::Tensor& like) {
  if (like.nbytes() < kSmallestKept) return at::empty_like(like, at::MemoryFormat::Contiguous);
  return at::detail::empty_generic(like.sizes(), &output_allocator(),
                                   c10::DispatchKeySet(c10::DispatchKey::CPU), like.scalar_type(),
                                   at::MemoryFormat::Contiguous);
}

void release_kept_output() { output_allocator().keep({}); }

RowGradient row_gradient(const at::Tensor& grad, at::ScalarType compute) {
  bool broadcast = grad.numel() > 0;
  for (std::int64_t axis = 0; axis < grad.dim(); ++axis) {
    broadcast = broadcast && (grad.stride(axis) == 0 || grad.size(axis) == 1);
  }
  if (broadcast) {
    const auto one = grad.dim() == 0 ? grad : grad.as_strided({1}, {1});
    return {one.to(compute), 0};
  }
  return {grad.to(compute).contiguous(), 1};
}

}  // namespace assay
