// SPDX-License-Identifier: Apache-2.0
#include <assay/training/data/byte_stream.h>
#include <assay/training/data/zip_archive.h>
#include <c10/util/Exception.h>
#include <zlib.h>

#include <algorithm>
#include <string_view>

namespace assay::training {
namespace {

// Sizes and signatures of the format's records (PKWARE's APPNOTE, sections 4.3 and 4.5).
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kLongestComment = 0xFFFF;
constexpr std::size_t kEnd64LocatorSize = 20;
constexpr std::size_t kEnd64Size = 56;
constexpr std::size_t kEntrySize = 46;
constexpr std::size_t kLocalSize = 30;
constexpr std::uint64_t kEndSignature = 0x06054b50;
constexpr std::uint64_t kEnd64LocatorSignature = 0x07064b50;
constexpr std::uint64_t kEnd64Signature = 0x06064b50;
constexpr std::uint64_t kEntrySignature = 0x02014b50;
constexpr std::uint64_t kLocalSignature = 0x04034b50;
constexpr std::uint64_t kElsewhere32 = 0xFFFFFFFF;  // the number is in the 64-bit part
constexpr std::uint64_t kElsewhere16 = 0xFFFF;
constexpr std::uint64_t kExtra64 = 1;
constexpr std::uint64_t kEncrypted = 1;
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;

// Little-endian numbers out of a file, none beyond its end.
class Bytes {
 public:
  Bytes(std::string_view bytes, std::string source) : bytes_(bytes), source_(std::move(source)) {}

  std::size_t size() const { return bytes_.size(); }

  std::uint64_t number(std::uint64_t at, std::size_t size) const {
    const auto text = part(at, size);
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) {
      value = value << 8 | static_cast<unsigned char>(text[i]);
    }
    return value;
  }

  std::string_view part(std::uint64_t at, std::uint64_t size) const {
    check(at <= bytes_.size() && size <= bytes_.size() - at, "a part of it lies beyond its end");
    return bytes_.substr(at, size);
  }

  void check(bool fine, const char* problem) const {
    TORCH_CHECK_VALUE(fine, source_, ": is damaged or no zip archive: ", problem);
  }

 private:
  std::string_view bytes_;
  std::string source_;
};

struct Directory {
  std::uint64_t entries;
  std::uint64_t begin;
};

Directory find_directory(const Bytes& file) {
  file.check(file.size() >= kEndSize, "it is too short");
  const auto last = file.size() - kEndSize;
  const auto first = last - std::min(last, kLongestComment);
  auto end = last;
  while (file.number(end, 4) != kEndSignature) {
    file.check(end > first, "its directory is missing");
    --end;
  }
  Directory directory{file.number(end + 10, 2), file.number(end + 16, 4)};
  const bool is_64 = directory.entries == kElsewhere16 || directory.begin == kElsewhere32;
  if (is_64 && end >= kEnd64LocatorSize &&
      file.number(end - kEnd64LocatorSize, 4) == kEnd64LocatorSignature) {
    const auto end_64 = file.number(end - kEnd64LocatorSize + 8, 8);
    file.part(end_64, kEnd64Size);
    file.check(file.number(end_64, 4) == kEnd64Signature, "its 64-bit directory is missing");
    directory = {file.number(end_64 + 32, 8), file.number(end_64 + 48, 8)};
  }
  return directory;
}

// Numbers that do not fit the entry stand in its 64-bit part, in this order.
void read_extra_64(const Bytes& file, std::uint64_t at, std::uint64_t end,
                   ZipArchive::Member& member) {
  while (end - at >= 4) {
    const auto kind = file.number(at, 2);
    const auto next = at + 4 + file.number(at + 2, 2);
    file.check(next <= end, "an entry's extra part lies beyond its end");
    at += 4;
    if (kind == kExtra64) {
      for (auto* number : {&member.size, &member.packed_size, &member.header}) {
        if (*number != kElsewhere32) continue;
        file.check(next - at >= 8, "a 64-bit number is missing");
        *number = file.number(at, 8);
        at += 8;
      }
    }
    at = next;
  }
}

std::vector<ZipArchive::Member> read_directory(const Bytes& file) {
  const auto directory = find_directory(file);
  std::vector<ZipArchive::Member> members;
  auto at = directory.begin;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    file.check(file.number(at, 4) == kEntrySignature, "an entry of its directory is missing");
    file.part(at, kEntrySize);
    const auto name_size = file.number(at + 28, 2);
    const auto extra_size = file.number(at + 30, 2);
    ZipArchive::Member member;
    member.name = file.part(at + kEntrySize, name_size);
    member.encrypted = file.number(at + 8, 2) & kEncrypted;
    member.method = static_cast<std::uint16_t>(file.number(at + 10, 2));
    member.checksum = static_cast<std::uint32_t>(file.number(at + 16, 4));
    member.packed_size = file.number(at + 20, 4);
    member.size = file.number(at + 24, 4);
    member.header = file.number(at + 42, 4);
    const auto extra = at + kEntrySize + name_size;
    read_extra_64(file, extra, extra + extra_size, member);
    members.push_back(std::move(member));
    at = extra + extra_size + file.number(at + 32, 2);
  }
  return members;
}

// The bytes that deflate made smaller; shorter than `size` where they are damaged.
std::vector<char> inflated(std::string_view packed, std::uint64_t size) {
  constexpr std::uint64_t kMostAtOnce = std::uint64_t{1} << 30;  // zlib counts in 32 bits
  constexpr int kRaw = -15;
  std::vector<char> whole(size);
  z_stream stream = {};
  TORCH_CHECK(inflateInit2(&stream, kRaw) == Z_OK, "not enough memory to unpack");
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  int state = Z_OK;
  while (state == Z_OK) {
    const auto in_now = std::min<std::uint64_t>(packed.size() - in, kMostAtOnce);
    const auto out_now = std::min(size - out, kMostAtOnce);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data() + in));
    stream.avail_in = static_cast<uInt>(in_now);
    stream.next_out = reinterpret_cast<Bytef*>(whole.data() + out);
    stream.avail_out = static_cast<uInt>(out_now);
    state = inflate(&stream, Z_NO_FLUSH);
    in += in_now - stream.avail_in;
    out += out_now - stream.avail_out;
  }
  inflateEnd(&stream);
  if (state != Z_STREAM_END) whole.clear();
  whole.resize(std::min<std::uint64_t>(whole.size(), out));
  return whole;
}

std::uint32_t crc32_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::string_view text_of(const MemoryMap& map) {
  return {reinterpret_cast<const char*>(map.bytes().data()), map.bytes().size()};
}

}  // namespace

ZipArchive::ZipArchive(std::filesystem::path path) : path_(std::move(path)) {
  check_is_file(path_);
  map_ = MemoryMap::open(path_);
  members_ = read_directory(Bytes(text_of(*map_), path_.string()));
}

std::vector<char> ZipArchive::read(const Member& member) const {
  const auto source = path_.string() + ": member '" + member.name + "'";
  const Bytes file(text_of(*map_), source);
  TORCH_CHECK_VALUE(!member.encrypted, source, ": is encrypted; expected one that is not");
  TORCH_CHECK_VALUE(member.method == kStored || member.method == kDeflated, source,
                    ": is packed by method ", member.method, "; expected stored or deflated");
  file.check(file.number(member.header, 4) == kLocalSignature, "its header is missing");
  const auto begin = member.header + kLocalSize + file.number(member.header + 26, 2) +
                     file.number(member.header + 28, 2);
  const auto packed = file.part(begin, member.packed_size);
  std::vector<char> bytes;
  if (member.method == kStored) {
    bytes.assign(packed.begin(), packed.end());
  } else {
    // Deflate packs at most 1032 bytes into one.
    file.check(member.size / 1032 <= packed.size(), "its size is wrong");
    bytes = inflated(packed, member.size);
  }
  const std::string_view unpacked(bytes.data(), bytes.size());
  file.check(bytes.size() == member.size && crc32_of(unpacked) == member.checksum,
             "its content does not match its checksum");
  return bytes;
}

}  // namespace assay::training
