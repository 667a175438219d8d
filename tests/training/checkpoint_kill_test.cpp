// SPDX-License-Identifier: Apache-2.0
// The checkpoint of a trainer whose writer is killed, finds the disk full or may not write: the one
// before loads, or the new one does. More than 300 kills, at each system call and at any time.
#include <assay/losses.h>
#include <assay/serialization/atomic_file.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/child.h>
#include <assay/tests/testing/error_of.h>
#include <assay/tests/testing/small_disk.h>
#include <assay/tests/testing/system_call_faults.h>
#include <assay/tests/testing/temporary_folder.h>
#include <assay/training/callbacks/early_stopping.h>
#include <assay/training/checkpoints/kept_checkpoints.h>
#include <assay/training/trainer.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/mount.h>

#include <cerrno>
#include <random>
#include <string>
#include <thread>

#include "testing/blobs.h"

namespace assay::training {
namespace {

using testing::error_of;
using ::testing::HasSubstr;
using testing::SystemCallFaults;

Trainer trained(std::int64_t epochs) {
  Trainer trainer(testing::small_net(1));
  trainer.compile({.optimizer = "adam",
                   .loss = losses::SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {"accuracy", "crossentropy"}});
  trainer.fit(testing::blobs(30),
              {.epochs = epochs,
               .seed = 1,
               .callbacks = {callbacks::EarlyStopping(
                   {.monitor = "loss", .patience = 9, .restore_best_weights = true})},
               .verbose = Verbosity::kSilent});
  return trainer;
}

class CheckpointWriter : public ::testing::Test {
 protected:
  CheckpointWriter() {
    new_.save_checkpoint(path_);
    new_bytes_ = testing::read_whole(path_);
    old_.save_checkpoint(path_);
    old_bytes_ = testing::read_whole(path_);
  }

  // Loads, into a trainer that then is the old one or the new one. Returns whether it is the new.
  bool loads_as_the_new_one() {
    victim_.load_checkpoint(path_);
    const bool is_new = victim_.position().epoch == new_.position().epoch;
    EXPECT_TRUE(testing::read_whole(path_) == (is_new ? new_bytes_ : old_bytes_));
    const auto& expected = (is_new ? new_ : old_).model().module();
    EXPECT_TRUE(testing::same_bits(victim_.model().module().parameters(), expected.parameters()));
    return is_new;
  }

  void expect_the_old_one_alone() {
    EXPECT_FALSE(loads_as_the_new_one());
    EXPECT_EQ(folder_.listing(), std::vector<std::string>{"checkpoint.safetensors"});
  }

  const testing::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "checkpoint.safetensors";
  Trainer old_ = trained(1);
  Trainer new_ = trained(2);
  Trainer victim_ = trained(3);
  std::string old_bytes_;
  std::string new_bytes_;
};

TEST_F(CheckpointWriter, KilledAtAnySystemCallLeavesTheOldOneOrTheNewOne) {
  constexpr std::size_t kLongestWrite = 64;
  std::size_t calls = 0;
  {
    const SystemCallFaults count({.longest_write = kLongestWrite});
    new_.save_checkpoint(path_);
    calls = count.calls().size();
  }
  EXPECT_GT(calls, 150U);
  for (std::size_t kill = 0; kill < calls; ++kill) {
    ASSAY_TRACE("killed at call " << kill);
    testing::write_whole(path_, old_bytes_);
    const int status = testing::wait_for(testing::start_child([&] {
      const SystemCallFaults faults({.kill_at = kill, .longest_write = kLongestWrite});
      new_.save_checkpoint(path_);
      return 0;
    }));
    ASSERT_TRUE(testing::was_killed(status)) << status;
    const bool was_renamed = kill + 1 == calls;
    ASSERT_EQ(loads_as_the_new_one(), was_renamed);
    ASSERT_EQ(serialization::remove_stale_temporaries(folder_.path()), was_renamed ? 0U : 1U);
    ASSERT_EQ(folder_.listing(), std::vector<std::string>{"checkpoint.safetensors"});
  }
}

TEST_F(CheckpointWriter, KilledAtAnyTimeLeavesTheOldOneOrTheNewOne) {
  std::mt19937 random(20260102);
  int found_new = 0;
  std::size_t left = 0;
  for (int kill = 0; kill < 150; ++kill) {
    ASSAY_TRACE("kill " << kill);
    const pid_t writer = testing::start_child([&] {
      for (;;) {
        new_.save_checkpoint(path_);
        old_.save_checkpoint(path_);
      }
      return 0;
    });
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20000));
    ::kill(writer, SIGKILL);
    ASSERT_TRUE(testing::was_killed(testing::wait_for(writer)));
    found_new += loads_as_the_new_one() ? 1 : 0;
    ASSERT_FALSE(HasFailure());
    left += serialization::remove_stale_temporaries(folder_.path());
    ASSERT_EQ(folder_.listing(), std::vector<std::string>{"checkpoint.safetensors"});
  }
  EXPECT_GT(found_new, 0) << "no kill came after the first write";
  EXPECT_GT(left, 0U) << "no kill met a writer in the middle";
}

TEST_F(CheckpointWriter, OnAFullDiskLeavesTheOldOneAndNothingElse) {
  testing::on_small_disk(folder_.path(), 128 << 10, [&] {
    old_.save_checkpoint(path_);
    testing::fill_disk(folder_ / "filler");
    const auto error = error_of([&] { new_.save_checkpoint(path_); });
    EXPECT_THAT(error, HasSubstr(path_.string()));
    EXPECT_THAT(error, HasSubstr("No space left on device"));
    std::filesystem::remove(folder_ / "filler");
    expect_the_old_one_alone();
    new_.save_checkpoint(path_);
    EXPECT_TRUE(loads_as_the_new_one());
  });
}

TEST_F(CheckpointWriter, WithoutRightsLeavesTheOldOneAndNothingElse) {
  testing::in_read_only_folder(folder_.path(), [&] {
    const auto error = error_of([&] { new_.save_checkpoint(path_); });
    EXPECT_THAT(error, HasSubstr(path_.string()));
    EXPECT_THAT(error, HasSubstr("Permission denied"));
  });
  expect_the_old_one_alone();
}

TEST_F(CheckpointWriter, OnAReadOnlyDiskNamesTheFile) {
  const auto refuse = [&] {
    const auto error = error_of([&] { new_.save_checkpoint(path_); });
    EXPECT_THAT(error, HasSubstr(path_.string()));
    EXPECT_THAT(error, HasSubstr("Read-only file system"));
  };
  testing::on_small_disk(folder_.path(), 128 << 10, refuse, MS_RDONLY);
}

TEST_F(CheckpointWriter, KeepsWholeCopiesWhereThereAreNoHardLinks) {
  const SystemCallFaults faults({.fail_at = 0, .error = EPERM});
  keep_checkpoint(path_, 7, 2);
  EXPECT_EQ(faults.calls().front(), "link");
  EXPECT_EQ(faults.calls().back(), "fsync");
  EXPECT_TRUE(testing::read_whole(folder_ / "checkpoint-000007.safetensors") == old_bytes_);
}

}  // namespace
}  // namespace assay::training
