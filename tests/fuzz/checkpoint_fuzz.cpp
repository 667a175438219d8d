// SPDX-License-Identifier: Apache-2.0
// Checkpoints, and the files of metrics, collections and scores, without the checksum that would
// stop every change. The input is a header and, behind its first line end, the data; the length is
// put before it. An input that begins with "!" is a whole file.
#include <assay/losses/sparse_categorical_crossentropy.h>
#include <assay/serialization/metric_file.h>
#include <assay/training/callback_list.h>
#include <assay/training/checkpoints/checkpoint.h>
#include <assay/training/scores_file.h>
#include <assay/training/trainer.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>

#include <cstring>

#include "target.h"

namespace assay::fuzz {
namespace {

std::string file_of(std::string_view input) {
  if (input.starts_with('!')) return std::string(input.substr(1));
  const auto end = std::min(input.find('\n'), input.size());
  std::string length(sizeof(std::uint64_t), '\0');
  const std::uint64_t size = end;
  std::memcpy(length.data(), &size, sizeof size);
  return length + std::string(input.substr(0, end)) +
         std::string(input.substr(std::min(end + 1, input.size())));
}

Trainer trainer() {
  Trainer made(torch::nn::Sequential(torch::nn::Linear(4, 3)));
  made.compile({.optimizer = "adam",
                .loss = losses::SparseCategoricalCrossentropy({.from_logits = true}),
                .metrics = {"accuracy"}});
  return made;
}

}  // namespace
}  // namespace assay::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const auto file = fuzz::as_file(fuzz::file_of(fuzz::text_of(data, size)));
  fuzz::may_refuse([&] { serialization::load_metric(file); });
  fuzz::may_refuse([&] { serialization::load_collection(file); });
  fuzz::may_refuse([&] { training::restored_scores(file); });
  fuzz::may_refuse([&] {
    training::CallbackList callbacks({"EarlyStopping", "ReduceLROnPlateau", "TerminateOnNaN"});
    callbacks.load_states(training::read_checkpoint(file).callbacks);
  });
  static auto trainer = fuzz::trainer();
  fuzz::may_refuse([&] { trainer.load_checkpoint(file); });
  return 0;
}
