// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/names.h>
#include <assay/training/callbacks/callback-inl.h>
#include <assay/training/callbacks/csv_logger.h>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace assay::training::callbacks {
namespace {

constexpr auto kLineEnd = "\r\n";  // Python's csv module, which Keras uses, ends lines so

std::string number_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return Json(value).dump();
}

// A cell in quotes where it needs them.
std::string cell(const std::string& text, const std::string& separator) {
  if (text.find_first_of(separator + "\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

void CSVLogger::on_train_begin() {
  keys_.clear();
  bytes_ = 0;
}

void CSVLogger::open(const Logs& logs) {
  keys_ = logs.names();
  std::sort(keys_.begin(), keys_.end());
  const bool validates = std::any_of(keys_.begin(), keys_.end(),
                                     [](const auto& key) { return key.starts_with("val_"); });
  if (!validates) {
    // Validation may come in a later epoch only (validation_freq).
    const auto plain = keys_;
    for (const auto& key : plain) keys_.push_back("val_" + key);
  }
  const auto path = options().filename.get();
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
  if (!options().append) std::ofstream(path, std::ios::trunc);
  bytes_ = std::filesystem::exists(path)
               ? static_cast<std::int64_t>(std::filesystem::file_size(path))
               : 0;
  if (bytes_ > 0) return;
  std::vector<std::string> header = {"epoch"};
  header.insert(header.end(), keys_.begin(), keys_.end());
  write_row(header);
}

void CSVLogger::write_row(const std::vector<std::string>& cells) {
  std::string line;
  for (const auto& text : cells) {
    line += (line.empty() ? "" : options().separator) + cell(text, options().separator);
  }
  line += kLineEnd;
  const auto path = options().filename.get();
  std::ofstream file(path, std::ios::app | std::ios::binary);
  file << line << std::flush;
  TORCH_CHECK(file.good(), "CSVLogger: cannot write ", path.string());
  bytes_ += static_cast<std::int64_t>(line.size());
}

void CSVLogger::on_epoch_end(std::int64_t epoch, Logs& logs) {
  if (keys_.empty()) open(logs);
  std::vector<std::string> cells = {std::to_string(epoch)};
  for (const auto& key : keys_) {
    const auto value = logs.find(key);
    cells.push_back(value ? number_text(*value) : "NA");
  }
  write_row(cells);
}

CallbackState CSVLogger::state() const {
  return {std::make_shared<const Json>(Json{{"keys", keys_}, {"bytes", bytes_}}), {}};
}

void CSVLogger::load_state(const CallbackState& state) {
  std::vector<std::string> keys;
  std::int64_t bytes = 0;
  assay::read_value(state.values->at("keys"), keys, "CSVLogger.keys");
  assay::read_value(state.values->at("bytes"), bytes, "CSVLogger.bytes");
  const auto path = options().filename.get();
  if (!keys.empty()) {
    const bool whole = std::filesystem::exists(path) &&
                       static_cast<std::int64_t>(std::filesystem::file_size(path)) >= bytes;
    TORCH_CHECK_VALUE(whole, "CSVLogger: ", path.string(),
                      " lacks rows that it had when the checkpoint was saved");
    std::filesystem::resize_file(path, static_cast<std::uintmax_t>(bytes));
  }
  keys_ = std::move(keys);
  bytes_ = bytes;
}

template class CallbackOf<CSVLogger, CSVLoggerOptions>;

void register_csv_logger(CallbackRegistry& registry) { registry.add<CSVLogger>(); }

}  // namespace assay::training::callbacks
