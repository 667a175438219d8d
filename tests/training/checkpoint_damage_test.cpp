// SPDX-License-Identifier: Apache-2.0
// A trainer's checkpoint, cut at every byte and with random bytes changed.
#include <assay/losses.h>
#include <assay/tests/testing/check.h>
#include <assay/training/callbacks/early_stopping.h>
#include <assay/training/trainer.h>
#include <gmock/gmock.h>

#include <fstream>
#include <random>
#include <sstream>

#include "testing/blobs.h"

namespace assay::training {
namespace {

Trainer compiled(std::uint64_t seed) {
  Trainer trainer(testing::small_net(seed));
  trainer.compile({.optimizer = "adam",
                   .loss = losses::SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {"accuracy"}});
  return trainer;
}

std::string whole(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class DamagedCheckpoint : public ::testing::Test {
 protected:
  DamagedCheckpoint() {
    auto saved = compiled(1);
    saved.fit(testing::blobs(12),
              {.seed = 1,
               .callbacks = {callbacks::EarlyStopping(
                   {.monitor = "loss", .patience = 3, .restore_best_weights = true})},
               .verbose = Verbosity::kSilent});
    saved.save_checkpoint(path_);
    intact_ = whole(path_);
    victim_.fit(testing::blobs(12), {.seed = 2, .verbose = Verbosity::kSilent});
    weights_ = testing::copies(victim_.model().module().parameters());
  }

  // Refused by name, and the trainer is as it was.
  void expect_refused(const std::string& content, const std::string& what) {
    std::ofstream(path_, std::ios::binary) << content;
    try {
      victim_.load_checkpoint(path_);
      FAIL() << what << ": was loaded";
    } catch (const c10::ValueError& error) {
      ASSERT_THAT(error.what_without_backtrace(), ::testing::HasSubstr(path_.string())) << what;
    }
    ASSERT_EQ(victim_.position().seed, 2U) << what;
  }

  void TearDown() override {
    EXPECT_TRUE(testing::same_bits(victim_.model().module().parameters(), weights_));
    std::ofstream(path_, std::ios::binary) << intact_;
    victim_.load_checkpoint(path_);
    EXPECT_EQ(victim_.position().seed, 1U);
  }

  const testing::Folder folder_;
  const std::filesystem::path path_ = folder_ / "checkpoint.safetensors";
  std::string intact_;
  Trainer victim_ = compiled(2);
  std::vector<at::Tensor> weights_;
};

TEST_F(DamagedCheckpoint, IsRefusedAtEveryTruncation) {
  for (std::size_t length = 0; length < intact_.size(); ++length) {
    expect_refused(intact_.substr(0, length), "cut to " + std::to_string(length));
    if (HasFatalFailure()) return;
  }
}

TEST_F(DamagedCheckpoint, IsRefusedAfterAnyChangeOfBytes) {
  std::mt19937 random(20260101);
  for (int i = 0; i < 5000; ++i) {
    auto damaged = intact_;
    for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
      damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
    }
    if (damaged == intact_) continue;
    expect_refused(damaged, "change " + std::to_string(i));
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace assay::training
