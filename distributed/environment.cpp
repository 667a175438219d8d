// SPDX-License-Identifier: Apache-2.0
#include <assay/distributed/environment.h>
#include <c10/util/Exception.h>

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace assay::distributed {
namespace {

/// Variables by name, with errors that name them.
class Variables {
 public:
  explicit Variables(const Variable& variable) : variable_(variable) {}

  std::optional<std::string> text(const char* name) const {
    const char* value = variable_(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  }

  std::string needed(const char* name) const {
    const auto value = text(name);
    TORCH_CHECK_VALUE(value && !value->empty(), "WORLD_SIZE is set, but ", name,
                      " is not; torchrun sets both");
    return *value;
  }

  /// Errors: ValueError where it is no whole number in [least, end).
  std::int64_t number(const char* name, const std::string& value, std::int64_t least,
                      std::int64_t end) const {
    std::int64_t number = 0;
    const auto* last = value.data() + value.size();
    const auto [read, error] = std::from_chars(value.data(), last, number);
    TORCH_CHECK_VALUE(error == std::errc() && read == last && number >= least && number < end, name,
                      " is '", value, "'; expected a whole number in [", least, ", ", end, ")");
    return number;
  }

  std::int64_t number_or(const char* name, std::int64_t otherwise, std::int64_t least,
                         std::int64_t end) const {
    const auto value = text(name);
    return value ? number(name, *value, least, end) : otherwise;
  }

 private:
  const Variable& variable_;
};

constexpr std::int64_t kManyProcesses = std::int64_t{1} << 31;

}  // namespace

Environment read_environment(const Variable& variable) {
  const Variables variables(variable);
  Environment environment;
  const auto size = variables.text("WORLD_SIZE");
  if (!size) return environment;
  environment.world_size = variables.number("WORLD_SIZE", *size, 1, kManyProcesses);
  if (environment.world_size == 1) return environment;
  environment.rank = variables.number("RANK", variables.needed("RANK"), 0, environment.world_size);
  environment.local_rank =
      variables.number_or("LOCAL_RANK", environment.rank, 0, environment.world_size);
  environment.local_world_size = variables.number_or("LOCAL_WORLD_SIZE", environment.world_size, 1,
                                                     environment.world_size + 1);
  environment.master_address = variables.needed("MASTER_ADDR");
  environment.master_port =
      variables.number("MASTER_PORT", variables.needed("MASTER_PORT"), 1, 65536);
  environment.agent_store = variables.text("TORCHELASTIC_USE_AGENT_STORE") == "True";
  environment.attempt = variables.number_or("TORCHELASTIC_RESTART_COUNT", 0, 0, kManyProcesses);
  return environment;
}

Environment read_environment() {
  return read_environment([](const char* name) { return std::getenv(name); });
}

}  // namespace assay::distributed
