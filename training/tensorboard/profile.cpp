// SPDX-License-Identifier: Apache-2.0
#include <assay/training/tensorboard/host_name.h>
#include <assay/training/tensorboard/profile.h>
#include <c10/util/Exception.h>
#include <torch/csrc/autograd/profiler_kineto.h>
#include <unistd.h>

#include <chrono>
#include <set>
#include <string>

namespace assay::training::tensorboard {

namespace profiler = torch::autograd::profiler;

Profile::Profile(at::Device device) {
  TORCH_CHECK_VALUE(!profiler::profilerEnabled(),
                    "TensorBoard.profile_batch: LibTorch's profiler is running in this thread "
                    "already; expected that nothing else profiles");
  const profiler::ProfilerConfig config(profiler::ProfilerState::KINETO,
                                        /*report_input_shapes=*/true);
  std::set<profiler::ActivityType> activities = {profiler::ActivityType::CPU};
  if (device.is_cuda()) activities.insert(profiler::ActivityType::CUDA);
  profiler::prepareProfiler(config, activities);
  profiler::enableProfiler(config, activities);
}

Profile::~Profile() {
  step_.reset();
  if (!running_) return;
  try {
    profiler::disableProfiler();
  } catch (const std::exception&) {  // another thread's, or stopped by someone else
  }
}

void Profile::begin_step(std::int64_t number) {
  step_.emplace(at::RecordScope::USER_SCOPE);
  step_->before("ProfilerStep#" + std::to_string(number));
}

void Profile::end_step() { step_.reset(); }

void Profile::save(const std::filesystem::path& folder) {
  step_.reset();
  running_ = false;
  const auto result = profiler::disableProfiler();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  const auto path = folder / (host_name() + "_" + std::to_string(getpid()) + "." +
                              std::to_string(nanoseconds) + ".pt.trace.json");
  std::filesystem::create_directories(folder);
  result->save(path.string());
  TORCH_CHECK(std::filesystem::exists(path), "TensorBoard.profile_batch: cannot write ",
              path.string(), ", or this LibTorch was built without Kineto");
}

}  // namespace assay::training::tensorboard
