// SPDX-License-Identifier: Apache-2.0
// Long rows are taken in pieces of fixed size, so that they too run in parallel.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/parallel_for.h>

#include <algorithm>
#include <cstdint>

#pragma GCC visibility push(hidden)
namespace assay {

/// The entries of a piece, the last of a row aside.
constexpr std::int64_t kPiece = 16384;

/// The pieces of a row of `inner` entries.
inline std::int64_t pieces_of(std::int64_t inner) { return (inner + kPiece - 1) / kPiece; }

/// Calls work(row, first entry, entries, piece) for all pieces of all rows.
template <class Work>
void for_each_piece(std::int64_t rows, std::int64_t inner, const Work& work) {
  const auto pieces = pieces_of(inner);
  parallel_for(0, rows * pieces, rows_per_task(std::min(inner, kPiece)),
               [&](std::int64_t begin, std::int64_t end) {
                 for (auto piece = begin; piece < end; ++piece) {
                   const auto first = piece % pieces * kPiece;
                   work(piece / pieces, first, std::min(kPiece, inner - first), piece);
                 }
               });
}

/// The entries of a row along the last axis. A scalar is one row of one element.
inline std::int64_t inner_of(const at::Tensor& tensor) {
  return tensor.dim() == 0 ? 1 : tensor.size(-1);
}

}  // namespace assay
#pragma GCC visibility pop
