// SPDX-License-Identifier: Apache-2.0
// Records in memory and in a scratch file: the same ones either way.
#include <assay/tests/testing/error_of.h>
#include <assay/tests/testing/small_disk.h>
#include <assay/tests/training/testing/files.h>
#include <assay/training/data/record_store.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

namespace assay::training {
namespace {

using assay::testing::error_of;
using ::testing::HasSubstr;
using Record = std::array<std::int64_t, 3>;

std::span<const std::byte> bytes(const Record& record) { return std::as_bytes(std::span(record)); }

Record record(std::int64_t i) { return {i, -i, i * i}; }

RecordStore filled(std::int64_t records, std::size_t most_in_memory) {
  RecordStore store(sizeof(Record), most_in_memory);
  for (std::int64_t i = 0; i < records; ++i) store.add(bytes(record(i)));
  store.finish();
  return store;
}

std::vector<Record> read(const RecordStore& store, const std::vector<std::int64_t>& numbers) {
  std::vector<Record> records(numbers.size());
  store.read(numbers, std::as_writable_bytes(std::span(records)));
  return records;
}

constexpr std::int64_t kMany = 800'000;  // 19 MB: more than two blocks

TEST(RecordStore, GivesWhatIsInMemoryInOrder) {
  for (const std::int64_t count : {std::int64_t{1}, kMany}) {
    auto store = filled(count, kMany * sizeof(Record));
    EXPECT_TRUE(store.in_memory());
    EXPECT_EQ(store.size(), count);
    std::int64_t next = 0;
    store.take([&](std::span<const std::byte> block) {
      for (; !block.empty(); block = block.subspan(sizeof(Record))) {
        ASSERT_EQ(std::memcmp(block.data(), bytes(record(next++)).data(), sizeof(Record)), 0);
      }
    });
    EXPECT_EQ(next, count);
  }
}

TEST(RecordStore, ReadsWhatIsInAFile) {
  // Nothing in memory; one block; all but the last record.
  for (const std::size_t most :
       {std::size_t{0}, std::size_t{8} << 20, kMany * sizeof(Record) - 1}) {
    const auto store = filled(kMany, most);
    EXPECT_FALSE(store.in_memory());
    EXPECT_EQ(store.size(), kMany);
    std::vector<std::int64_t> numbers(kMany);
    std::iota(numbers.begin(), numbers.end(), 0);
    const auto all = read(store, numbers);
    for (const auto i : numbers) ASSERT_EQ(all[static_cast<std::size_t>(i)], record(i));
    EXPECT_EQ(read(store, {kMany - 1, 7, 8, 7}),
              (std::vector{record(kMany - 1), record(7), record(8), record(7)}));
    EXPECT_TRUE(read(store, {}).empty());
  }
  EXPECT_EQ(read(filled(1, 0), {0}), std::vector{record(0)});
}

TEST(RecordStore, RecordsMayBeLongerThanABlock) {
  const std::vector<std::byte> a(9 << 20, std::byte{1});
  const std::vector<std::byte> b(9 << 20, std::byte{2});
  RecordStore store(a.size(), 0);
  store.add(a);
  store.add(b);
  store.finish();
  std::vector<std::byte> back(a.size());
  store.read({1}, back);
  EXPECT_EQ(back, b);
}

TEST(ScratchFile, LiesInTheFolderThatIsNamedAndHasNoName) {
  const testing::Files files;
  ::setenv("TMPDIR", files.folder().c_str(), 1);
  ScratchFile file;
  file.append(bytes(record(5)));
  EXPECT_TRUE(std::filesystem::is_empty(files.folder()));
  Record back;
  const auto read_from = [&](std::int64_t offset) {
    const ScratchFile::Piece piece = {offset, std::as_writable_bytes(std::span(back))};
    file.read(std::span(&piece, 1));
  };
  read_from(0);
  EXPECT_EQ(back, record(5));
  EXPECT_THAT(error_of([&] { read_from(8); }), HasSubstr("it ends before"));

  const auto missing = files.folder() / "none";
  ::setenv("TMPDIR", missing.c_str(), 1);
  EXPECT_THAT(error_of([] { ScratchFile(); }),
              HasSubstr(missing.string() + ": making it: No such file or directory"));
  ::unsetenv("TMPDIR");
}

// Has the system forget what it keeps of the scratch files that are open.
void empty_cache() {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry.path(), gone).string();
    if (target.find("/assay-") == std::string::npos) continue;
    const int file = std::stoi(entry.path().filename());
    ::fdatasync(file);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  }
}

TEST(ScratchFile, ReadsWhatTheCacheLacks) {
  const auto store = filled(kMany, 0);
  empty_cache();
  EXPECT_EQ(read(store, {kMany - 1, 5, 6, kMany / 2}),
            (std::vector{record(kMany - 1), record(5), record(6), record(kMany / 2)}));
}

TEST(ScratchFile, SaysWhereTheDiskIsFull) {
  const testing::Files files;
  assay::testing::on_small_disk(files.folder(), 1 << 20, [&] {
    ::setenv("TMPDIR", files.folder().c_str(), 1);
    EXPECT_THAT(error_of([] { filled(kMany, 0); }),
                HasSubstr("writing: No space left on device (TMPDIR names the folder"));
  });
}

}  // namespace
}  // namespace assay::training
