// SPDX-License-Identifier: Apache-2.0
// The JSON configuration of every registry. The input is the initial of one ("l" for losses), then
// the text.
#include <assay/losses/registry.h>
#include <assay/metrics/collection.h>
#include <assay/metrics/registry.h>
#include <assay/training/callbacks/registry.h>
#include <assay/training/datasets/registry.h>
#include <assay/training/layers/registry.h>
#include <assay/training/optimizers/registry.h>
#include <assay/training/schedules/registry.h>

#include <cctype>
#include <nlohmann/json.hpp>

#include "target.h"

namespace assay::fuzz {
namespace {

// Such a path could be that of a device; the others name files in a folder that does not exist.
bool may_name_a_device(const std::string& text) {
  return text.find('/') != std::string::npos || text.find('\\') != std::string::npos;
}

// A layer takes the memory that its sizes ask for: small ones, and ones beyond any memory.
bool has_large_number(const std::string& text) {
  constexpr int kDigitsOfSmall = 2;
  constexpr int kDigitsOfHuge = 19;
  int digits = 0;
  for (const char c : text + " ") {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      ++digits;
    } else {
      if (digits > kDigitsOfSmall && digits < kDigitsOfHuge) return true;
      digits = 0;
    }
  }
  return false;
}

void make(char registry, const std::string& text) {
  const std::filesystem::path nowhere = "/nonexistent/assay";
  switch (registry) {
    case 'l':
      losses::get(text)->get_config();
      break;
    case 'm':
      metrics::get(text)->get_config();
      break;
    case 'M':
      metrics::MetricCollection::from_json(text).get_config();
      break;
    case 'o':
      training::optimizers::get(text)->get_config();
      break;
    case 's':
      training::schedules::get(text)->get_config();
      break;
    case 'L':
      if (!may_name_a_device(text) && !has_large_number(text)) training::layers::get(text);
      break;
    case 'd':
      if (!may_name_a_device(text)) training::datasets::get(text, nowhere);
      break;
    case 'c':
      if (!may_name_a_device(text)) training::callbacks::get(text, nowhere)->get_config();
      break;
    default:
      break;
  }
}

}  // namespace
}  // namespace assay::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(assay::fuzz::text_of(data + 1, size - 1));
  assay::fuzz::may_refuse([&] { assay::fuzz::make(static_cast<char>(data[0]), text); });
  return 0;
}
