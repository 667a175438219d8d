// SPDX-License-Identifier: Apache-2.0
#include <assay/training/tensorboard/little_endian.h>
#include <assay/training/tensorboard/protobuf.h>

#include <bit>

namespace assay::training::tensorboard {
namespace {

constexpr int kVarint = 0;
constexpr int kFixed64 = 1;
constexpr int kLengthDelimited = 2;
constexpr int kFixed32 = 5;

}  // namespace

void Message::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
  bytes_ += static_cast<char>(value);
}

void Message::key(int field, int wire_type) {
  varint(static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(wire_type));
}

Message& Message::integer(int field, std::int64_t value) {
  key(field, kVarint);
  varint(static_cast<std::uint64_t>(value));
  return *this;
}

Message& Message::number(int field, double value) {
  key(field, kFixed64);
  bytes_ += little_endian(std::bit_cast<std::uint64_t>(value));
  return *this;
}

Message& Message::single(int field, float value) {
  key(field, kFixed32);
  bytes_ += little_endian(std::bit_cast<std::uint32_t>(value));
  return *this;
}

Message& Message::text(int field, std::string_view value) {
  key(field, kLengthDelimited);
  varint(value.size());
  bytes_ += value;
  return *this;
}

Message& Message::numbers(int field, std::span<const double> values) {
  std::string packed;
  for (const double value : values) {
    packed += little_endian(std::bit_cast<std::uint64_t>(value));
  }
  return text(field, packed);
}

}  // namespace assay::training::tensorboard
