// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#pragma GCC visibility push(hidden)
namespace assay::training::tensorboard {

/// The name of this machine, which is part of the names of files that several may write.
std::string host_name();

}  // namespace assay::training::tensorboard
#pragma GCC visibility pop
