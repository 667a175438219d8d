// SPDX-License-Identifier: Apache-2.0
#include <assay/serialization/atomic_file.h>
#include <assay/tests/testing/child.h>
#include <assay/tests/testing/error_of.h>
#include <assay/tests/testing/small_disk.h>
#include <assay/tests/testing/system_call_faults.h>
#include <assay/tests/testing/temporary_folder.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace assay::serialization {
namespace {

namespace fs = std::filesystem;
using assay::testing::error_of;
using assay::testing::FaultPlan;
using assay::testing::in_read_only_folder;
using assay::testing::on_small_disk;
using assay::testing::read_whole;
using assay::testing::run_in_child;
using assay::testing::SystemCallFaults;
using assay::testing::TemporaryFolder;
using assay::testing::write_whole;
using ::testing::HasSubstr;

void write(const fs::path& path, std::string_view content) {
  const Bytes pieces[] = {bytes_of(content)};
  write_file_atomically(path, pieces);
}

std::vector<std::string> just(std::string name) { return {std::move(name)}; }

mode_t permissions(const fs::path& path) {
  struct stat status {};
  ::stat(path.c_str(), &status);
  return status.st_mode & 07777;
}

TEST(AtomicFile, HoldsThePiecesEndToEnd) {
  const TemporaryFolder folder;
  std::vector<std::string> texts;
  std::vector<Bytes> pieces;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    texts.push_back(std::string(static_cast<std::size_t>(i % 7), static_cast<char>('a' + i % 26)));
    expected += texts.back();
  }
  for (const std::string& text : texts) {
    pieces.push_back(bytes_of(text));
  }
  write_file_atomically(folder / "file", pieces);
  EXPECT_EQ(read_whole(folder / "file"), expected);
  EXPECT_EQ(folder.listing(), just("file"));
}

TEST(AtomicFile, MayBeWrittenPieceByPiece) {
  const TemporaryFolder folder;
  write(folder / "file", "old");
  {
    AtomicFile file(folder / "file");
    const Bytes pieces[] = {bytes_of("one "), bytes_of("two ")};
    file.write(pieces);
    file.write({pieces, 1});
    AtomicFile moved = std::move(file);
    moved.write({pieces, 1});
    EXPECT_EQ(read_whole(folder / "file"), "old");
    moved.commit();
    EXPECT_EQ(read_whole(folder / "file"), "one two one one ");
  }
  EXPECT_EQ(read_whole(folder / "file"), "one two one one ");
  EXPECT_EQ(folder.listing(), just("file"));
}

TEST(AtomicFile, LeavesTheOldFileWhereItIsNotCommitted) {
  const TemporaryFolder folder;
  write(folder / "file", "old");
  {
    AtomicFile file(folder / "file");
    const Bytes pieces[] = {bytes_of("new")};
    file.write(pieces);
    EXPECT_EQ(folder.listing().size(), 2U);
  }
  EXPECT_EQ(read_whole(folder / "file"), "old");
  EXPECT_EQ(folder.listing(), just("file"));
}

TEST(AtomicFile, MayBeEmpty) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "none", {});
  write(folder / "empty", "");
  EXPECT_EQ(read_whole(folder / "none"), "");
  EXPECT_EQ(read_whole(folder / "empty"), "");
}

TEST(AtomicFile, GoesOnAfterWritesOfAPart) {
  const TemporaryFolder folder;
  const Bytes pieces[] = {bytes_of("one "), bytes_of(""), bytes_of("two "), bytes_of("three")};
  const SystemCallFaults faults({.longest_write = 3});
  write_file_atomically(folder / "file", pieces);
  EXPECT_EQ(read_whole(folder / "file"), "one two three");
}

TEST(AtomicFile, ReplacesAFileAndKeepsItsPermissions) {
  const TemporaryFolder folder;
  write(folder / "file", "old");
  for (const mode_t mode : {0600, 0640, 0666, 0444}) {
    ASSERT_EQ(::chmod((folder / "file").c_str(), mode), 0);
    write(folder / "file", "new");
    EXPECT_EQ(permissions(folder / "file"), mode);
  }
  EXPECT_EQ(read_whole(folder / "file"), "new");
}

TEST(AtomicFile, TakesANameOfTheGreatestLength) {
  const TemporaryFolder folder;
  const std::string name(255, 'n');
  write(folder / name, "content");
  EXPECT_EQ(read_whole(folder / name), "content");
}

TEST(AtomicFile, TakesAPathWithoutAFolder) {
  const TemporaryFolder folder;
  EXPECT_EQ(run_in_child([&] {
              fs::current_path(folder.path());
              write("file", "content");
              return 0;
            }),
            0);
  EXPECT_EQ(read_whole(folder / "file"), "content");
}

TEST(AtomicFile, WritesThroughASymbolicLink) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "elsewhere");
  write(folder / "elsewhere/file", "old");
  fs::create_symlink("elsewhere/file", folder / "link");
  write(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_whole(folder / "elsewhere/file"), "new");
}

TEST(AtomicFile, IsWrittenByManyThreadsAtOnce) {
  const TemporaryFolder folder;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&folder, i] {
      for (int j = 0; j < 20; ++j) {
        write(folder / "file", std::string(10000, static_cast<char>('a' + i)));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const std::string content = read_whole(folder / "file");
  EXPECT_EQ(content, std::string(10000, content[0]));
  EXPECT_EQ(folder.listing(), just("file"));
}

// --- errors ---

TEST(AtomicFileError, NamesThePathOfAMissingFolder) {
  const TemporaryFolder folder;
  const fs::path path = folder / "missing/file";
  const std::string error = error_of([&] { write(path, "content"); });
  EXPECT_THAT(error, HasSubstr(path.string()));
  EXPECT_THAT(error, HasSubstr("No such file or directory"));
}

TEST(AtomicFileError, ComesBeforeAnythingButAFileIsReplaced) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "folder");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const fs::path& path : {folder / "folder", folder / "pipe", fs::path("/dev/null")}) {
    EXPECT_THAT(error_of([&] { write(path, "content"); }), HasSubstr("regular file")) << path;
  }
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_EQ(folder.listing(), (std::vector<std::string>{"folder", "pipe"}));
}

TEST(AtomicFileError, OfADanglingLinkNamesIt) {
  const TemporaryFolder folder;
  fs::create_symlink("nowhere", folder / "link");
  EXPECT_THAT(error_of([&] { write(folder / "link", "content"); }), HasSubstr("symbolic link"));
  EXPECT_EQ(folder.listing(), just("link"));
}

TEST(AtomicFileError, AtAnySystemCallLeavesTheOldFileAndNothingElse) {
  const std::vector<std::string> calls{"flock",  "fchmod", "writev", "writev",
                                       "writev", "fsync",  "rename", "fsync"};
  const TemporaryFolder folder;
  const fs::path path = folder / "file";
  for (std::size_t i = 0; i < calls.size(); ++i) {
    write_whole(path, "the old content");
    const SystemCallFaults faults({.fail_at = i, .error = ENOSPC, .longest_write = 5});
    const std::string error = error_of([&] { write(path, "the new content"); });
    ASSERT_GT(faults.calls().size(), i);
    ASSERT_EQ(faults.calls()[i], calls[i]);
    const bool is_harmless = calls[i] == "fchmod";
    const bool was_renamed = i + 1 == calls.size();
    if (!is_harmless) {
      EXPECT_THAT(error, HasSubstr(path.string())) << calls[i];
      EXPECT_THAT(error, HasSubstr("No space left on device")) << calls[i];
    }
    EXPECT_EQ(read_whole(path), is_harmless || was_renamed ? "the new content" : "the old content")
        << calls[i];
    EXPECT_EQ(folder.listing(), just("file")) << calls[i];
  }
}

TEST(AtomicFile, IsWrittenWhereTheFileSystemHasNoLocks) {
  const TemporaryFolder folder;
  const SystemCallFaults faults({.fail_at = 0, .error = ENOLCK});
  write(folder / "file", "content");
  EXPECT_EQ(read_whole(folder / "file"), "content");
}

TEST(AtomicFile, IsWrittenAfterInterruptedCalls) {
  const TemporaryFolder folder;
  for (const std::size_t interrupted : {0, 1}) {
    const SystemCallFaults faults({.fail_at = interrupted, .error = EINTR});
    write(folder / "file", "content");
    EXPECT_EQ(read_whole(folder / "file"), "content");
  }
}

TEST(AtomicFileError, OnAFullDiskLeavesTheOldFileAndNothingElse) {
  const TemporaryFolder folder;
  on_small_disk(folder.path(), 256 << 10, [&] {
    const fs::path path = folder / "file";
    write(path, "the old content");
    const std::string error = error_of([&] { write(path, std::string(1 << 20, 'x')); });
    EXPECT_THAT(error, HasSubstr(path.string()));
    EXPECT_THAT(error, HasSubstr("No space left on device"));
    EXPECT_EQ(read_whole(path), "the old content");
    EXPECT_EQ(folder.listing(), just("file"));
    write(path, std::string(100000, 'y'));
  });
}

TEST(AtomicFileError, OnAReadOnlyFileSystemNamesThePath) {
  const TemporaryFolder folder;
  const auto refuse = [&] {
    const std::string error = error_of([&] { write(folder / "file", "content"); });
    EXPECT_THAT(error, HasSubstr((folder / "file").string()));
    EXPECT_THAT(error, HasSubstr("Read-only file system"));
  };
  on_small_disk(folder.path(), 256 << 10, refuse, MS_RDONLY);
}

TEST(AtomicFileError, InAReadOnlyFolderLeavesTheOldFileAndNothingElse) {
  const TemporaryFolder folder;
  write_whole(folder / "file", "the old content");
  in_read_only_folder(folder.path(), [&] {
    const std::string error = error_of([&] { write(folder / "file", "content"); });
    EXPECT_THAT(error, HasSubstr((folder / "file").string()));
    EXPECT_THAT(error, HasSubstr("Permission denied"));
    EXPECT_EQ(folder.listing(), just("file"));
  });
  EXPECT_EQ(read_whole(folder / "file"), "the old content");
}

// --- what killed writers leave ---

TEST(StaleTemporaries, AreRemovedAndNothingElseIs) {
  const TemporaryFolder folder;
  const std::vector<std::string> others{
      ".file.assay-tmp-",   ".file.assay-tmp-12", ".file.assay-tmp-12-x", ".other", "file",
      "file.assay-tmp-12-0"};
  for (const std::string& name : others) {
    write_whole(folder / name, "");
  }
  write_whole(folder / ".file.assay-tmp-12-0", "");
  write_whole(folder / ".another.file.assay-tmp-4000000-17", "half");
  fs::create_directory(folder / ".folder.assay-tmp-12-0");
  EXPECT_EQ(remove_stale_temporaries(folder.path()), 2U);
  fs::remove(folder / ".folder.assay-tmp-12-0");
  EXPECT_EQ(folder.listing(), others);
}

TEST(StaleTemporaries, OfALivingWriterStay) {
  const TemporaryFolder folder;
  std::size_t removed = 0;
  int looks = 0;
  const auto look = [&](const std::string& call) {
    if (call != "flock") {
      removed += remove_stale_temporaries(folder.path());
      ++looks;
    }
  };
  const SystemCallFaults faults({.longest_write = 3, .before_call = look});
  write(folder / "file", "content");
  EXPECT_EQ(looks, 6);
  EXPECT_EQ(removed, 0U);
  EXPECT_EQ(read_whole(folder / "file"), "content");
}

// Between the making of the temporary file and its lock, it looks stale.
TEST(StaleTemporaries, MayBeRemovedUnderAWriterThatThenMakesAnother) {
  const TemporaryFolder folder;
  std::size_t removed = 0;
  const auto clean_once = [&](const std::string&) {
    if (removed == 0) {
      removed = remove_stale_temporaries(folder.path());
    }
  };
  const SystemCallFaults faults({.before_call = clean_once});
  write(folder / "file", "content");
  EXPECT_EQ(removed, 1U);
  EXPECT_EQ(read_whole(folder / "file"), "content");
  EXPECT_EQ(folder.listing(), just("file"));
}

TEST(StaleTemporaries, OfAMissingFolderAreNone) {
  const TemporaryFolder folder;
  EXPECT_EQ(remove_stale_temporaries(folder / "missing"), 0U);
}

TEST(StaleTemporaries, OfSomethingElseThanAFolderAreAnError) {
  const TemporaryFolder folder;
  write_whole(folder / "file", "");
  EXPECT_THAT(error_of([&] { remove_stale_temporaries(folder / "file"); }),
              HasSubstr((folder / "file").string()));
}

}  // namespace
}  // namespace assay::serialization
