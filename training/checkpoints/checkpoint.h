// SPDX-License-Identifier: Apache-2.0
// The file that a training goes on from.
#pragma once
#include <assay/serialization/safetensors.h>
#include <assay/training/callbacks/callback.h>
#include <assay/training/history.h>
#include <assay/training/optimizers/state.h>
#include <assay/training/trainer.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace assay::training {

/// The newest layout of a checkpoint that this library writes and reads.
inline constexpr std::int64_t kCheckpointVersion = 1;

/// Everything that the rest of a training depends on.
///
/// In the file, a safetensors one, tensors stand under "model.<name>", "optimizer.<name>",
/// "gradients.<name>" (of an update that is not complete), "scores.<name>", "random.cpu",
/// "random.cpu.<rank>" (of several processes, the others),
/// "callbacks.<number>.<name>" and "extra.<name>". The metadata has "assay_kind": "checkpoint", and
/// "checkpoint": the rest as JSON text.
struct Checkpoint {
  std::vector<serialization::NamedTensor> model;      ///< Parameters and buffers.
  std::vector<serialization::NamedTensor> gradients;  ///< Of an update that is not complete.
  optimizers::OptimizerState optimizer;               ///< With the averages that it keeps.
  Json scores_config;                                 ///< `Scores::config`.
  std::vector<serialization::NamedTensor> scores;     ///< `Scores::state`.
  at::Tensor random;                     ///< LibTorch's generator, in the first process.
  std::vector<at::Tensor> peer_randoms;  ///< Of the processes from rank 1 on.
  Position position;                     ///< Where training goes on.
  History history;                       ///< The epochs that are finished.
  /// State by class name, in the order of the callbacks.
  std::vector<std::pair<std::string, callbacks::CallbackState>> callbacks;
  ///@{
  /// What `Trainer::set_checkpoint_extra` was given.
  std::vector<serialization::NamedTensor> extra_tensors;
  Json extra;
  ///@}
};

/// Writes atomically. Errors: c10::Error where the file cannot be written.
void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

/// Errors: ValueError that names the file, for a file that is no checkpoint, is damaged, or was
/// written by a newer assay; c10::Error where it cannot be read.
Checkpoint read_checkpoint(const std::filesystem::path& path);

}  // namespace assay::training
