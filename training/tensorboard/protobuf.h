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
  Message& integer(int field, std::int64_t value);   ///< `int32`, `int64`, `bool` or an enum.
  Message& number(int field, double value);          ///< `double`
  Message& single(int field, float value);           ///< `float`
  Message& text(int field, std::string_view value);  ///< `string` or `bytes`
  /// A message as a field of another.
  Message& message(int field, const Message& value) { return text(field, value.bytes()); }
  Message& numbers(int field, std::span<const double> values);  ///< `repeated double`, packed.

  /// The message so far, as it is sent.
  const std::string& bytes() const { return bytes_; }

 private:
  void key(int field, int wire_type);
  void varint(std::uint64_t value);

  std::string bytes_;
};

}  // namespace assay::training::tensorboard
