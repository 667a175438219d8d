// SPDX-License-Identifier: Apache-2.0
// As much of Protocol Buffers' wire format as TensorBoard's messages need to be written.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace assay::training::tensorboard {

/// A message under construction: `Message().text(1, "loss").single(2, 0.5f)`.
/// Source: https://protobuf.dev/programming-guides/encoding/
class Message {
 public:
  Message& integer(int field, std::int64_t value);
  Message& number(int field, double value);
  Message& single(int field, float value);
  Message& text(int field, std::string_view value);
  Message& message(int field, const Message& value) { return text(field, value.bytes()); }
  Message& numbers(int field, std::span<const double> values);  ///< `repeated double`, packed.

  const std::string& bytes() const { return bytes_; }

 private:
  void key(int field, int wire_type);
  void varint(std::uint64_t value);

  std::string bytes_;
};

}  // namespace assay::training::tensorboard
