// SPDX-License-Identifier: Apache-2.0
// Communication by c10d with Gloo: the one source that knows either.
#include <assay/core/error_text.h>
#include <assay/distributed/communicator.h>
#include <assay/version.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/version.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <torch/csrc/distributed/c10d/reducer.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <sstream>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace assay::distributed {
namespace {

using Store = c10::intrusive_ptr<c10d::Store>;
using Milliseconds = std::chrono::milliseconds;

constexpr auto kFarewell = std::chrono::seconds(2);

std::vector<std::uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

std::string seconds_text(Milliseconds time) {
  std::ostringstream text;
  text << static_cast<double>(time.count()) / 1000 << " s";
  return text.str();
}

std::string who(const Environment& environment) {
  return "rank " + std::to_string(environment.rank) + " of " +
         std::to_string(environment.world_size);
}

Store make_store(const Environment& environment, Milliseconds timeout) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(environment.master_port);
  const bool keeps = environment.rank == 0 && !environment.agent_store;
  options.isServer = keeps;
  options.waitWorkers = false;
  options.timeout = timeout;
  try {
    const auto store = c10::make_intrusive<c10d::TCPStore>(environment.master_address, options);
    // The launcher's store outlives the processes: each attempt has names of its own.
    return c10::make_intrusive<c10d::PrefixStore>("assay/" + std::to_string(environment.attempt),
                                                  store);
  } catch (const std::exception& error) {
    TORCH_CHECK(false, who(environment),
                ": joining failed: ", keeps ? "no store can be opened at " : "no store answers at ",
                environment.master_address, ":", environment.master_port,
                keeps                     ? ""
                : environment.agent_store ? " (the launcher keeps it)"
                                          : " (rank 0 keeps it)",
                " within ", seconds_text(timeout), " [", error_text(error), "]");
  }
}

std::string joined_name(std::int64_t rank) { return "joined/" + std::to_string(rank); }

// Every process says that it is there, and with which library; errors name who is not, or differs.
void meet(const Store& store, const Environment& environment, Milliseconds timeout) {
  const std::string version = "assay " ASSAY_VERSION " with LibTorch " TORCH_VERSION;
  store->set(joined_name(environment.rank), bytes_of(version));
  std::vector<std::string> names;
  for (std::int64_t rank = 0; rank < environment.world_size; ++rank) {
    names.push_back(joined_name(rank));
  }
  try {
    store->wait(names, timeout);
  } catch (const std::exception& error) {
    std::string missing;
    try {
      for (std::int64_t rank = 0; rank < environment.world_size; ++rank) {
        if (store->check({names[rank]})) continue;
        missing += (missing.empty() ? "rank " : ", rank ") + std::to_string(rank);
      }
    } catch (const std::exception&) {
      TORCH_CHECK(false, who(environment), ": joining failed: who keeps the store has ended [",
                  error_text(error), "]");
    }
    // The others, who came later, ask the store who is missing.
    if (environment.rank == 0 && !environment.agent_store) std::this_thread::sleep_for(kFarewell);
    TORCH_CHECK(false, who(environment), ": joining failed: ",
                missing.empty() ? error_text(error) : missing + " did not come within ",
                missing.empty() ? "" : seconds_text(timeout));
  }
  for (std::int64_t rank = 0; rank < environment.world_size; ++rank) {
    const auto theirs = store->get(names[rank]);
    TORCH_CHECK(theirs == bytes_of(version), who(environment), ": joining failed: rank ", rank,
                " is ", std::string(theirs.begin(), theirs.end()), ", this one is ", version);
  }
}

// Gloo may write to a process that has ended: an error then, not a signal that ends this one
// without a word. Python's processes ignore it from the start.
void ignore_broken_pipes() {
  struct sigaction action = {};
  sigaction(SIGPIPE, nullptr, &action);
  if (action.sa_handler == SIG_DFL) std::signal(SIGPIPE, SIG_IGN);
}

/// c10d's group, which keeps an eye on the sums that a reducer makes with it.
class WatchedGroup final : public c10d::ProcessGroup {
 public:
  using c10d::ProcessGroup::ProcessGroup;

  c10::intrusive_ptr<c10d::Work> allreduce(std::vector<at::Tensor>& tensors,
                                           const c10d::AllreduceOptions& options) override {
    ++count_;
    try {
      auto work = c10d::ProcessGroup::allreduce(tensors, options);
      const std::lock_guard lock(mutex_);
      under_way_.push_back(work->getFuture());
      return work;
    } catch (...) {
      refused_ = true;
      throw;
    }
  }

  /// Forgets the sums so far; returns how many there were.
  std::int64_t begin() {
    const std::lock_guard lock(mutex_);
    under_way_.clear();
    return count_.exchange(0);
  }

  /// Whether a sum since then has failed. A future knows so before who waits for it wakes
  /// up.
  bool failed() const {
    const std::lock_guard lock(mutex_);
    return refused_ || std::any_of(under_way_.begin(), under_way_.end(), [](const auto& one) {
             return one->completed() && one->hasError();
           });
  }

 private:
  mutable std::mutex mutex_;  // the reducer calls from threads of the backward pass
  std::vector<c10::intrusive_ptr<c10::ivalue::Future>> under_way_;
  std::atomic<bool> refused_ = false;
  std::atomic<std::int64_t> count_ = 0;
};

using ProcessGroup = c10::intrusive_ptr<WatchedGroup>;

ProcessGroup make_process_group(const Store& store, const Environment& environment,
                                Milliseconds timeout) {
  using Gloo = c10d::ProcessGroupGloo;
  const auto options = Gloo::Options::create(timeout);
  // As PyTorch has it: the interface that the variable names, else the one of the host's name.
  const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
  options->devices.push_back(interface == nullptr ? Gloo::createDefaultDevice()
                                                  : Gloo::createDeviceForInterface(interface));
  const auto rank = static_cast<int>(environment.rank);
  const auto size = static_cast<int>(environment.world_size);
  const auto gloo = c10::make_intrusive<Gloo>(c10::make_intrusive<c10d::PrefixStore>("gloo", store),
                                              rank, size, options);
  auto group = c10::make_intrusive<WatchedGroup>(store, rank, size);
  group->setBackend(c10::DeviceType::CPU, c10d::ProcessGroup::BackendType::GLOO,
                    c10::intrusive_ptr<c10d::Backend>(gloo));
  group->setDefaultBackend(c10d::ProcessGroup::BackendType::GLOO);
  return group;
}

/// Sums a bucket of gradients. (The reducer's own way divides by the number of processes.)
class SumGradients final : public c10d::CommHookInterface {
 public:
  explicit SumGradients(ProcessGroup group) : group_(std::move(group)) {}

  c10::intrusive_ptr<c10::ivalue::Future> runHook(c10d::GradBucket& bucket) override {
    std::vector<at::Tensor> tensors = {bucket.getBufferRef()};
    return group_->allreduce(tensors, {})->getFuture();
  }

  at::Tensor parseHookResult(const c10::IValue& result) override {
    return c10d::detail::parseCppCommHookResult(result);
  }

 private:
  ProcessGroup group_;
};

/// The loss again, in a graph that every parameter is part of: backward gives the marker its flags,
/// and what the loss does not use an undefined gradient, so that the reducer waits for none.
class Complete : public torch::autograd::Function<Complete> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& loss,
                            const at::Tensor&, const at::Tensor& flags, at::TensorList unused) {
    context->saved_data["flags"] = flags;
    context->saved_data["unused"] = static_cast<std::int64_t>(unused.size());
    return loss.view_as(loss);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    torch::autograd::variable_list result = {gradients[0], context->saved_data["flags"].toTensor(),
                                             at::Tensor()};
    result.resize(result.size() + context->saved_data["unused"].toInt());
    return result;
  }
};

/// A reducer whose buckets stay as they are. Otherwise it orders them anew after the first pass,
/// and then sums in another order: a run that goes on would end in other bits.
class SteadyReducer final : public c10d::Reducer {
 public:
  template <class... Arguments>
  explicit SteadyReducer(Arguments&&... arguments)
      : c10d::Reducer(std::forward<Arguments>(arguments)...) {
    has_rebuilt_bucket_ = true;
  }
};

/// The reducer of PyTorch's DistributedDataParallel, as that has it where all parameters are used.
/// Which ones are used travels with the gradients: as those of one more parameter, the marker.
class Reducer final : public GradientReducer {
 public:
  Reducer(std::vector<at::Tensor> parameters, const ProcessGroup& group)
      : group_(group), parameters_(std::move(parameters)) {
    marker_ = at::zeros({1 + static_cast<std::int64_t>(parameters_.size())},
                        parameters_.back().options().device(at::kCPU))
                  .requires_grad_();
    auto all = parameters_;
    all.push_back(marker_);
    const std::vector<std::size_t> sizes = {c10d::kDefaultFirstBucketBytes,
                                            c10d::kDefaultBucketBytesCap};
    auto buckets = std::get<0>(c10d::compute_bucket_assignment_by_size(all, sizes));
    // Gradients are there from the last layer on.
    std::reverse(buckets.begin(), buckets.end());
    const std::vector<bool> sparse(all.size(), false);
    reducer_ = std::make_unique<SteadyReducer>(
        std::move(all), std::move(buckets), group, sparse, c10d::kDefaultBucketBytesCap,
        /*find_unused_parameters=*/false, /*gradient_as_bucket_view=*/false,
        std::unordered_map<std::size_t, std::string>{}, c10d::kDefaultFirstBucketBytes,
        /*skip_all_reduce_unused_params=*/false, /*use_python_reducer=*/false,
        std::vector<std::int64_t>{});
    reducer_->register_comm_hook(std::make_unique<SumGradients>(group));
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      leaves_.emplace(torch::autograd::impl::grad_accumulator(parameters_[i]).get(), i);
    }
  }

  at::Tensor prepare(const at::Tensor& loss, bool flag) override {
    TORCH_CHECK_VALUE(loss.requires_grad(), "the loss depends on no parameter that is trained");
    group_->begin();
    reducer_->prepare_for_backward({});
    const auto used = used_by(loss);
    auto flags = at::zeros_like(marker_, at::TensorOptions().requires_grad(false));
    std::vector<at::Tensor> unused;
    flags[0] = flag ? 1 : 0;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      if (!used[i]) unused.push_back(parameters_[i]);
      // Also what was used since the last sum.
      if (used[i] || parameters_[i].grad().defined()) flags[1 + static_cast<std::int64_t>(i)] = 1;
    }
    return Complete::apply(loss, marker_, flags, at::TensorList(unused));
  }

  bool finish() override {
    const auto flags = marker_.grad().to(at::kFloat);
    marker_.mutable_grad().reset();
    const auto* flag = flags.const_data_ptr<float>();
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      if (flag[1 + i] == 0) parameters_[i].mutable_grad().reset();
    }
    return flag[0] > 0;
  }

  bool failed() const override { return group_->failed(); }
  std::int64_t take_count() override { return group_->begin(); }

 private:
  // By parameter: whether the graph behind this loss ends there.
  std::vector<bool> used_by(const at::Tensor& loss) const {
    std::vector<bool> used(parameters_.size(), false);
    std::unordered_set<const torch::autograd::Node*> seen;
    std::vector<const torch::autograd::Node*> open = {loss.grad_fn().get()};
    while (!open.empty()) {
      const auto* node = open.back();
      open.pop_back();
      if (node == nullptr || !seen.insert(node).second) continue;
      if (const auto leaf = leaves_.find(node); leaf != leaves_.end()) used[leaf->second] = true;
      for (const auto& edge : node->next_edges()) open.push_back(edge.function.get());
    }
    return used;
  }

  ProcessGroup group_;
  std::vector<at::Tensor> parameters_;
  // Where gradients arrive; the reducer keeps them alive.
  std::unordered_map<const torch::autograd::Node*, std::size_t> leaves_;
  at::Tensor marker_;
  std::unique_ptr<SteadyReducer> reducer_;
};

class GlooCommunicator final : public Communicator {
 public:
  GlooCommunicator(const Environment& environment, Milliseconds timeout)
      : store_(make_store(environment, timeout)) {
    ignore_broken_pipes();
    meet(store_, environment, timeout);
    try {
      group_ = make_process_group(store_, environment, timeout);
    } catch (const std::exception& error) {
      TORCH_CHECK(false, who(environment), ": joining failed: the processes cannot be connected [",
                  error_text(error), "]");
    }
  }

  void all_reduce(at::Tensor& tensor, Combine combine) override {
    std::vector<at::Tensor> tensors = {tensor};
    c10d::AllreduceOptions options;
    options.reduceOp = combine == Combine::kSum ? c10d::ReduceOp::SUM : c10d::ReduceOp::MAX;
    group_->c10d::ProcessGroup::allreduce(tensors, options)->wait();
  }

  std::vector<at::Tensor> all_gather(const at::Tensor& tensor) override {
    std::vector<std::vector<at::Tensor>> outputs(1);
    for (int rank = 0; rank < group_->getSize(); ++rank) {
      outputs[0].push_back(at::empty_like(tensor));
    }
    std::vector<at::Tensor> inputs = {tensor};
    group_->allgather(outputs, inputs)->wait();
    return outputs[0];
  }

  void broadcast(at::Tensor& tensor) override {
    std::vector<at::Tensor> tensors = {tensor};
    group_->broadcast(tensors)->wait();
  }

  std::unique_ptr<GradientReducer> reduce_gradients(
      const std::vector<at::Tensor>& parameters) override {
    return std::make_unique<Reducer>(parameters, group_);
  }

  void publish(const std::string& name, const std::string& text) override {
    store_->set(name, bytes_of(text));
  }

  std::optional<std::string> published(const std::string& name) override {
    if (!store_->check({name})) return std::nullopt;
    const auto bytes = store_->get(name);
    return std::string(bytes.begin(), bytes.end());
  }

 private:
  Store store_;
  ProcessGroup group_;
};

}  // namespace

std::unique_ptr<Communicator> connect(const Environment& environment, Milliseconds timeout) {
  return std::make_unique<GlooCommunicator>(environment, timeout);
}

}  // namespace assay::distributed
