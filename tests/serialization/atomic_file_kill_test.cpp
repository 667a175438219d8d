// SPDX-License-Identifier: Apache-2.0
// Writers that die of SIGKILL at any moment. Some seconds long.
#include <ATen/ops/full.h>
#include <assay/serialization/atomic_file.h>
#include <assay/serialization/safetensors.h>
#include <assay/tests/testing/child.h>
#include <assay/tests/testing/system_call_faults.h>
#include <assay/tests/testing/temporary_folder.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <new>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace assay::serialization {
namespace {

namespace fs = std::filesystem;
using assay::testing::read_whole;
using assay::testing::SystemCallFaults;
using assay::testing::TemporaryFolder;

// The content of a generation is its number, over and over, to a length that depends on it.
std::string content_of(std::uint64_t generation) {
  const std::size_t words = 1 + generation * 7919 % 50000;
  const std::vector<std::uint64_t> values(words, generation);
  return {reinterpret_cast<const char*>(values.data()), words * sizeof(std::uint64_t)};
}

void write_generation(const fs::path& path, std::uint64_t generation) {
  const std::string content = content_of(generation);
  const Bytes pieces[] = {bytes_of(content)};
  write_file_atomically(path, pieces);
}

// The generation of a file that is whole; fails the test for any other file.
std::uint64_t generation_in(const fs::path& path) {
  const std::string content = read_whole(path);
  std::uint64_t generation = 0;
  EXPECT_GE(content.size(), sizeof(generation));
  std::memcpy(&generation, content.data(), std::min(content.size(), sizeof(generation)));
  EXPECT_TRUE(content == content_of(generation)) << "a torn file";
  return generation;
}

void expect_killed(int status) {
  EXPECT_TRUE(assay::testing::was_killed(status)) << "status " << status;
}

class KilledWriter : public ::testing::Test {
 protected:
  void SetUp() override {
    void* memory = ::mmap(nullptr, sizeof(std::atomic<std::uint64_t>), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    completed_ = new (memory) std::atomic<std::uint64_t>(0);
  }

  void TearDown() override { ::munmap(completed_, sizeof(*completed_)); }

  // Kills a child that calls write(generation) with ever higher generations; returns the last one
  // whose write had ended.
  template <typename Write>
  std::uint64_t kill_a_writer(std::uint64_t first, Write&& write) {
    const pid_t pid = testing::start_child([&] {
      for (std::uint64_t generation = first;; ++generation) {
        write(generation);
        *completed_ = generation;
      }
      return 0;
    });
    while (*completed_ < first) {
      std::this_thread::yield();
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random_() % 5000));
    ::kill(pid, SIGKILL);
    expect_killed(testing::wait_for(pid));
    return *completed_;
  }

  const TemporaryFolder folder_;
  const fs::path path_ = folder_ / "file";
  std::atomic<std::uint64_t>* completed_ = nullptr;
  std::mt19937 random_{20240607};
};

TEST_F(KilledWriter, LeavesTheLastGenerationOrTheOneInTheMaking) {
  std::uint64_t next = 1;
  std::size_t left = 0;
  for (int kill = 0; kill < 200; ++kill) {
    const std::uint64_t completed =
        kill_a_writer(next, [&](std::uint64_t generation) { write_generation(path_, generation); });
    const std::uint64_t found = generation_in(path_);
    EXPECT_TRUE(found == completed || found == completed + 1) << found << " after " << completed;
    next = found + 1;
    left += remove_stale_temporaries(folder_.path());
    ASSERT_EQ(folder_.listing(), std::vector<std::string>{"file"});
  }
  EXPECT_GT(left, 0U) << "no kill met a writer in the middle";
}

TEST_F(KilledWriter, AtAnySystemCallLeavesTheOldFileOrTheNewOne) {
  write_generation(path_, 1);
  std::size_t calls = 1;
  {
    const SystemCallFaults count({.longest_write = 4096});
    write_generation(path_, 2);
    calls = count.calls().size();
  }
  EXPECT_GT(calls, 30U);
  for (std::size_t kill = 0; kill < calls; ++kill) {
    for (const bool there_is_an_old_file : {true, false}) {
      fs::remove(path_);
      if (there_is_an_old_file) {
        write_generation(path_, 1);
      }
      expect_killed(testing::wait_for(testing::start_child([&] {
        // Without an old file there is no fchmod.
        const std::size_t kill_at = there_is_an_old_file || kill == 0 ? kill : kill - 1;
        const SystemCallFaults faults({.kill_at = kill_at, .longest_write = 4096});
        write_generation(path_, 2);
        return 0;
      })));
      const bool was_renamed = kill + 1 == calls;
      if (was_renamed || there_is_an_old_file) {
        EXPECT_EQ(generation_in(path_), was_renamed ? 2U : 1U);
      } else {
        EXPECT_FALSE(fs::exists(path_));
      }
      EXPECT_EQ(remove_stale_temporaries(folder_.path()), was_renamed ? 0U : 1U);
    }
  }
}

TEST_F(KilledWriter, OfTensorsLeavesAFileThatLoads) {
  std::uint64_t next = 1;
  for (int kill = 0; kill < 50; ++kill) {
    const std::uint64_t completed = kill_a_writer(next, [&](std::uint64_t generation) {
      const auto number = static_cast<std::int64_t>(generation);
      const at::Tensor tensor = at::full({1000 + number % 1000}, number, at::kLong);
      save_safetensors(path_, {{"a", tensor}, {"b", tensor}},
                       {{"generation", std::to_string(generation)}});
    });
    const SafetensorsFile file = load_safetensors(path_);
    const std::uint64_t found = std::stoull(file.metadata.at("generation"));
    EXPECT_TRUE(found == completed || found == completed + 1) << found << " after " << completed;
    EXPECT_TRUE(file.at("a").eq(static_cast<std::int64_t>(found)).all().item<bool>());
    EXPECT_TRUE(file.at("b").equal(file.at("a")));
    next = found + 1;
    remove_stale_temporaries(folder_.path());
  }
}

}  // namespace
}  // namespace assay::serialization
