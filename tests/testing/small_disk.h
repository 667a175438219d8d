// SPDX-License-Identifier: Apache-2.0
// Disks that are full, and folders that take no writes, for a test in a child process.
#pragma once
#include <assay/tests/testing/child.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

namespace assay::testing {

/// Runs the call in a child process to which `folder` is a disk of its own, of that many bytes;
/// `flags` are mount's. Expectations that fail there fail the test here. Skips the test where
/// nothing may be mounted.
void on_small_disk(const std::filesystem::path& folder, std::size_t bytes,
                   const std::function<void()>& call, unsigned long flags = 0);

/// Runs the call in a child process that may read `folder`, but write nothing there. Skips the test
/// where root cannot become another user.
void in_read_only_folder(const std::filesystem::path& folder, const std::function<void()>& call);

/// Writes a file until the disk has no byte left.
void fill_disk(const std::filesystem::path& file);

}  // namespace assay::testing
