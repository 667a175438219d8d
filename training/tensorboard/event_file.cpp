// SPDX-License-Identifier: Apache-2.0
#include <assay/training/tensorboard/event_file.h>
#include <assay/training/tensorboard/host_name.h>
#include <assay/training/tensorboard/little_endian.h>
#include <c10/util/Exception.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>

namespace assay::training::tensorboard {
namespace {

// The fields of tensorflow.Event.
constexpr int kWallTime = 1;
constexpr int kStep = 2;
constexpr int kFileVersion = 3;
constexpr int kGraph = 4;
constexpr int kSummary = 5;

// CRC-32C (Castagnoli), bit-reversed polynomial.
constexpr auto kTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    auto crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0U);
    table[i] = crc;
  }
  return table;
}();

// Records hold checksums of data that may hold checksums itself; the mask tells them apart.
std::uint32_t masked_crc(const std::string& bytes) {
  auto crc = ~0U;
  for (const char byte : bytes) {
    crc = (crc >> 8) ^ kTable[(crc ^ static_cast<unsigned char>(byte)) & 0xFF];
  }
  crc = ~crc;
  return (crc >> 15 | crc << 17) + 0xA282EAD8U;
}

std::filesystem::path new_file_in(const std::filesystem::path& folder) {
  static std::atomic<int> files = 0;
  std::filesystem::create_directories(folder);
  return folder /
         ("events.out.tfevents." + std::to_string(static_cast<std::int64_t>(wall_time())) + "." +
          host_name() + "." + std::to_string(getpid()) + "." + std::to_string(files++) + ".v2");
}

}  // namespace

double wall_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

EventFile::EventFile(std::filesystem::path path, std::int64_t bytes)
    : path_(std::move(path)), file_(path_, std::ios::binary | std::ios::app), bytes_(bytes) {}

EventFile EventFile::create_in(const std::filesystem::path& folder) {
  EventFile file(new_file_in(folder), 0);
  file.append(Message().number(kWallTime, wall_time()).text(kFileVersion, "brain.Event:2"));
  return file;
}

EventFile EventFile::go_on(const std::filesystem::path& path, std::int64_t bytes) {
  const bool whole = std::filesystem::exists(path) &&
                     static_cast<std::int64_t>(std::filesystem::file_size(path)) >= bytes;
  TORCH_CHECK_VALUE(whole, "TensorBoard: ", path.string(),
                    " lacks records that it had when the checkpoint was saved");
  std::filesystem::resize_file(path, static_cast<std::uintmax_t>(bytes));
  return EventFile(path, bytes);
}

void EventFile::write(std::int64_t step, const Message& summary) {
  append(Message().number(kWallTime, wall_time()).integer(kStep, step).message(kSummary, summary));
}

void EventFile::write_graph(const Message& graph) {
  append(Message().number(kWallTime, wall_time()).message(kGraph, graph));
}

void EventFile::append(const Message& event) {
  const auto& data = event.bytes();
  const auto length = little_endian(static_cast<std::uint64_t>(data.size()));
  const auto record =
      length + little_endian(masked_crc(length)) + data + little_endian(masked_crc(data));
  file_ << record << std::flush;
  TORCH_CHECK(file_.good(), "TensorBoard: cannot write ", path_.string());
  bytes_ += static_cast<std::int64_t>(record.size());
}

}  // namespace assay::training::tensorboard
