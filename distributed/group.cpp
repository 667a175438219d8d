// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/error_text.h>
#include <assay/core/shapes.h>
#include <assay/distributed/group.h>
#include <assay/distributed/peer_watch.h>

#include <algorithm>

namespace assay::distributed {
namespace {

void check_on_cpu(const at::Tensor& tensor, const std::string& what) {
  TORCH_CHECK_VALUE(tensor.defined() && tensor.is_cpu() && tensor.is_contiguous(), what, ": got ",
                    describe(tensor), "; expected a contiguous tensor on the CPU");
}

constexpr std::int64_t kLengthBytes = sizeof(std::int64_t);

// [length, bytes, zeros] of a given size; what does not fit is left out.
at::Tensor framed(const at::Tensor& bytes, std::int64_t size) {
  auto frame = at::zeros({kLengthBytes + size}, at::kByte);
  frame.narrow(0, 0, kLengthBytes).view(at::kLong).fill_(bytes.numel());
  const auto fits = std::min(bytes.numel(), size);
  frame.narrow(0, kLengthBytes, fits).copy_(bytes.narrow(0, 0, fits));
  return frame;
}

std::int64_t framed_length(const at::Tensor& frame) {
  return frame.narrow(0, 0, kLengthBytes).view(at::kLong).item<std::int64_t>();
}

}  // namespace

Group::Group(Environment environment) : environment_(std::move(environment)) {}

Group::~Group() = default;

std::shared_ptr<Group> Group::alone() { return std::shared_ptr<Group>(new Group({})); }

std::shared_ptr<Group> Group::from_environment(const GroupOptions& options) {
  return of(read_environment(), options);
}

std::shared_ptr<Group> Group::of(const Environment& environment, const GroupOptions& options) {
  TORCH_CHECK_VALUE(options.timeout.count() > 0, "timeout is ", options.timeout.count(),
                    " ms; expected more than 0");
  std::shared_ptr<Group> group(new Group(environment));
  if (!group->has_peers()) return group;
  group->communicator_ = connect(environment, options.timeout);
  group->watch_ = std::make_unique<PeerWatch>(group->communicator_, environment);
  return group;
}

void Group::during(const std::string& what, const std::function<void()>& operation) {
  watch_->enter(what, ++collectives_);
  try {
    operation();
  } catch (const std::exception& error) {
    fail(what, error_text(error));
  }
  watch_->leave();
}

void Group::fail(const std::string& what, const std::string& error) {
  const auto blamed = watch_->blame();
  TORCH_CHECK(false, "rank ", rank(), " of ", size(), ": ", what, " (operation ", collectives_,
              ") failed", blamed.empty() ? "" : ": " + blamed, " [", error, "]");
}

void Group::all_reduce(at::Tensor& tensor, Combine combine, const std::string& what) {
  if (!has_peers()) return;
  check_on_cpu(tensor, what);
  during(what, [&] { communicator_->all_reduce(tensor, combine); });
}

std::vector<at::Tensor> Group::all_gather(const at::Tensor& bytes, std::int64_t expected,
                                          const std::string& what) {
  check_on_cpu(bytes, what);
  TORCH_CHECK_VALUE(bytes.scalar_type() == at::kByte && bytes.dim() == 1, what, ": got ",
                    describe(bytes), "; expected bytes");
  if (!has_peers()) return {bytes};
  auto& room = gathered_.try_emplace({what, expected}, expected).first->second;
  std::vector<at::Tensor> frames;
  during(what, [&] { frames = communicator_->all_gather(framed(bytes, room)); });
  std::int64_t largest = 0;
  for (const auto& frame : frames) largest = std::max(largest, framed_length(frame));
  if (largest > room) {
    room = largest;
    during(what, [&] { frames = communicator_->all_gather(framed(bytes, largest)); });
  }
  for (auto& frame : frames) frame = frame.narrow(0, kLengthBytes, framed_length(frame));
  return frames;
}

void Group::broadcast(const std::vector<at::Tensor>& tensors, const std::string& what) {
  if (!has_peers() || tensors.empty()) return;
  const at::NoGradGuard no_grad;
  // All as bytes, the largest elements first: so each begins where its type may.
  auto ordered = tensors;
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& one, const auto& other) {
    return one.element_size() > other.element_size();
  });
  std::vector<at::Tensor> flat;
  for (const auto& tensor : ordered) {
    flat.push_back(tensor.detach().cpu().contiguous().view({-1}).view(at::kByte));
  }
  auto all = at::cat(flat);
  during(what, [&] { communicator_->broadcast(all); });
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    const auto& tensor = ordered[i];
    const auto bytes = all.narrow(0, begin, flat[i].numel());
    tensor.detach().copy_(bytes.view(tensor.scalar_type()).view(tensor.sizes()));
    begin += bytes.numel();
  }
}

void Group::barrier(const std::string& what) {
  auto nothing = at::zeros({1}, at::kLong);
  all_reduce(nothing, Combine::kSum, what);
}

std::unique_ptr<GradientReducer> Group::reduce_gradients(
    const std::vector<at::Tensor>& parameters) {
  return has_peers() ? communicator_->reduce_gradients(parameters) : nullptr;
}

bool Group::backward(const at::Tensor& loss, GradientReducer& reducer, bool flag) {
  const std::string what = "summing gradients";
  watch_->enter(what, collectives_ + 1);
  bool any = false;
  try {
    reducer.prepare(loss, flag).backward();
    any = reducer.finish();
  } catch (const std::exception& error) {
    if (!reducer.failed()) throw;
    ++collectives_;
    fail(what, error_text(error));
  }
  watch_->leave();
  collectives_ += reducer.take_count();
  return any;
}

void Group::report_failure(const std::string& message) noexcept {
  if (!has_peers()) return;
  try {
    watch_->report("rank " + std::to_string(rank()) + " failed: " + message);
  } catch (const std::exception&) {
    // Nobody to tell.
  }
}

}  // namespace assay::distributed
