// SPDX-License-Identifier: Apache-2.0
// Registering several classes, in several registries: all of them or none.
#pragma once
#include <assay/registry/registry.h>

#include <utility>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay {

/// While it lives, what its thread registers is held back; `commit` registers all of it at once.
/// Without a commit nothing is registered. Lookups do not see what is held back.
class RegistryTransaction {
 public:
  RegistryTransaction();
  ~RegistryTransaction();
  RegistryTransaction(const RegistryTransaction&) = delete;
  RegistryTransaction& operator=(const RegistryTransaction&) = delete;

  /// A class that is held back.
  struct Held {
    RegistryTable* table;  ///< Where it will be registered.
    RegistryEntry entry;   ///< What will be registered.
  };

  /// What is held back, in order.
  const std::vector<Held>& held() const { return held_; }

  /// Errors: ValueError where a name is taken; nothing is then registered.
  void commit();

  /// While it lives, what its thread registers is registered at once: for what a registry holds
  /// from the start, should its first use fall into a transaction.
  class Pause {
   public:
    Pause();
    ~Pause();
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    RegistryTransaction* paused_;
  };

 private:
  friend class RegistryTable;

  RegistryTransaction* outer_;
  std::vector<Held> held_;
};

}  // namespace assay
#pragma GCC visibility pop
