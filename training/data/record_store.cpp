// SPDX-License-Identifier: Apache-2.0
#include <assay/training/data/record_store.h>
#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace assay::training {
namespace {

constexpr std::size_t kBlock = std::size_t{8} << 20;

// How many of the numbers, from a place on, follow each other: they are one piece of the file.
std::size_t consecutive(const std::vector<std::int64_t>& numbers, std::size_t begin) {
  auto end = begin + 1;
  while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
  return end - begin;
}

}  // namespace

RecordStore::RecordStore(std::size_t record, std::size_t most_in_memory)
    : record_(record),
      block_(std::max<std::size_t>(1, kBlock / record) * record),
      most_in_memory_(most_in_memory) {}

void RecordStore::add(std::span<const std::byte> record) {
  if (blocks_.empty() || filled_ == block_) {
    if (!in_memory() || (static_cast<std::size_t>(size_) + 1) * record_ > most_in_memory_) {
      move_to_file();
    }
    blocks_.push_back(new_block());
    filled_ = 0;
  }
  std::ranges::copy(record, blocks_.back().get() + filled_);
  filled_ += record_;
  ++size_;
}

void RecordStore::finish() {
  if (!in_memory() || static_cast<std::size_t>(size_) * record_ > most_in_memory_) move_to_file();
}

void RecordStore::read(const std::vector<std::int64_t>& numbers,
                       std::span<std::byte> records) const {
  std::vector<ScratchFile::Piece> pieces;
  for (std::size_t i = 0; i < numbers.size();) {
    const auto count = consecutive(numbers, i);
    pieces.push_back({numbers[i] * static_cast<std::int64_t>(record_),
                      records.subspan(i * record_, count * record_)});
    i += count;
  }
  file_->read(pieces);
}

void RecordStore::take(const std::function<void(std::span<const std::byte>)>& use) {
  for (; !blocks_.empty(); blocks_.pop_front()) use(bytes_of(0));
}

void RecordStore::Release::operator()(std::byte* block) const { ::munmap(block, bytes); }

RecordStore::Block RecordStore::new_block() const {
  void* const memory =
      ::mmap(nullptr, block_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return Block(static_cast<std::byte*>(memory), Release{block_});
}

std::span<const std::byte> RecordStore::bytes_of(std::size_t block) const {
  return {blocks_[block].get(), block + 1 == blocks_.size() ? filled_ : block_};
}

void RecordStore::move_to_file() {
  if (blocks_.empty()) return;
  if (!file_) file_.emplace();
  take([this](std::span<const std::byte> bytes) { file_->append(bytes); });
}

}  // namespace assay::training
