// SPDX-License-Identifier: Apache-2.0
// Rows shorter than a vector, or than a few: a tile holds one row in each lane, so that what is
// done for each class is one vector operation for many rows. A tile is an array of vectors,
// tile[c * lanes + row]; reading and writing a matrix transposes, reading and writing a layout with
// inner > 1 does not need to.

#if defined(ASSAY_CORE_KERNELS_CPU_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_CORE_KERNELS_CPU_TILE_INL_H_
#undef ASSAY_CORE_KERNELS_CPU_TILE_INL_H_
#else
#define ASSAY_CORE_KERNELS_CPU_TILE_INL_H_
#endif

#include <assay/core/kernels/cpu/axis_layout.h>
#include <assay/core/kernels/cpu/simd_io-inl.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// The most classes that a tile holds at once; a tile of floats is at most 4 KiB.
inline constexpr int64_t kTileClasses = 64;

template <class D>
struct TileStorage {
  HWY_ALIGN hn::TFromD<D> lanes[kTileClasses * hn::MaxLanes(D())];
};

namespace detail {

// Vectors of a size known to the compiler, made of 128-bit blocks.
#if HWY_TARGET != HWY_SCALAR && !HWY_HAVE_SCALABLE

/// Numbers in a 128-bit block.
template <class D>
inline constexpr int64_t kBlock = 16 / static_cast<int64_t>(sizeof(hn::TFromD<D>));

/// The lanes in storage form, block b read from `from + b * stride`.
template <class T, class D>
HWY_INLINE hn::Vec<RawTag<T, D>> load_raw_blocks(D d, const T* from, int64_t stride) {
  constexpr int64_t kBlocks = static_cast<int64_t>(hn::MaxLanes(D())) / kBlock<D>;
  if constexpr (kBlocks == 1) {
    return load_raw(d, from);
  } else {
    const hn::Half<D> half;
    return hn::Combine(RawTag<T, D>(), load_raw_blocks(half, from + kBlocks / 2 * stride, stride),
                       load_raw_blocks(half, from, stride));
  }
}

template <class T, class D>
HWY_INLINE void store_raw_blocks(D d, hn::Vec<RawTag<T, D>> raw, T* to, int64_t stride) {
  constexpr int64_t kBlocks = static_cast<int64_t>(hn::MaxLanes(D())) / kBlock<D>;
  if constexpr (kBlocks == 1) {
    store_raw<T>(d, raw, to);
  } else {
    const hn::Half<D> half;
    const hn::Half<RawTag<T, D>> raw_half;
    store_raw_blocks<T>(half, hn::LowerHalf(raw_half, raw), to, stride);
    store_raw_blocks<T>(half, hn::UpperHalf(raw_half, raw), to + kBlocks / 2 * stride, stride);
  }
}

/// Transposes kBlock vectors in each of their blocks; its own inverse.
template <class D>
HWY_INLINE void transpose_blocks(D d, hn::Vec<D>* v) {
  if constexpr (kBlock<D> == 4) {
    const hn::RepartitionToWide<D> dw;
    const auto low01 = hn::BitCast(dw, hn::InterleaveLower(d, v[0], v[1]));
    const auto high01 = hn::BitCast(dw, hn::InterleaveUpper(d, v[0], v[1]));
    const auto low23 = hn::BitCast(dw, hn::InterleaveLower(d, v[2], v[3]));
    const auto high23 = hn::BitCast(dw, hn::InterleaveUpper(d, v[2], v[3]));
    v[0] = hn::BitCast(d, hn::InterleaveLower(dw, low01, low23));
    v[1] = hn::BitCast(d, hn::InterleaveUpper(dw, low01, low23));
    v[2] = hn::BitCast(d, hn::InterleaveLower(dw, high01, high23));
    v[3] = hn::BitCast(d, hn::InterleaveUpper(dw, high01, high23));
  } else {
    const auto low = hn::InterleaveLower(d, v[0], v[1]);
    v[1] = hn::InterleaveUpper(d, v[0], v[1]);
    v[0] = low;
  }
}

/// kBlock classes of Lanes(d) rows to and from a tile. Vector i holds in its block b the row
/// b * kBlock + i, so that after the transposition lane and row are the same number.
template <class D, class T>
HWY_INLINE void read_blocks(D d, const T* from, int64_t row_stride, hn::Vec<D>* v) {
  for (int64_t i = 0; i < kBlock<D>; ++i) {
    v[i] = from_raw<T>(d, load_raw_blocks(d, from + i * row_stride, kBlock<D> * row_stride));
  }
  transpose_blocks(d, v);
}

template <class D, class T>
HWY_INLINE void transpose_in(D d, const T* from, int64_t row_stride, hn::TFromD<D>* tile) {
  hn::Vec<D> v[kBlock<D>];
  read_blocks(d, from, row_stride, v);
  for (int64_t i = 0; i < kBlock<D>; ++i) hn::Store(v[i], d, tile + i * hn::MaxLanes(D()));
}

template <class D, class T>
HWY_INLINE void transpose_out(D d, const hn::TFromD<D>* tile, T* to, int64_t row_stride) {
  hn::Vec<D> v[kBlock<D>];
  for (int64_t i = 0; i < kBlock<D>; ++i) v[i] = hn::Load(d, tile + i * hn::MaxLanes(D()));
  transpose_blocks(d, v);
  for (int64_t i = 0; i < kBlock<D>; ++i) {
    store_raw_blocks<T>(d, to_raw<T>(d, v[i]), to + i * row_stride, kBlock<D> * row_stride);
  }
}

#endif

}  // namespace detail

/// Two or three classes, too few for a block: contiguous rows of Lanes(d).
template <class D, class T>
HWY_INLINE void read_interleaved(D d, const T* from, int64_t classes, hn::TFromD<D>* tile) {
  const RawTag<T, D> d_raw;
  const auto* raw = reinterpret_cast<const hn::TFromD<RawTag<T, D>>*>(from);
  hn::Vec<RawTag<T, D>> v0, v1, v2;
  if (classes == 2) {
    hn::LoadInterleaved2(d_raw, raw, v0, v1);
  } else {
    hn::LoadInterleaved3(d_raw, raw, v0, v1, v2);
    hn::Store(from_raw<T>(d, v2), d, tile + 2 * hn::Lanes(d));
  }
  hn::Store(from_raw<T>(d, v0), d, tile);
  hn::Store(from_raw<T>(d, v1), d, tile + hn::Lanes(d));
}

template <class D, class T>
HWY_INLINE void write_interleaved(D d, const hn::TFromD<D>* tile, int64_t classes, T* to) {
  const RawTag<T, D> d_raw;
  auto* raw = reinterpret_cast<hn::TFromD<RawTag<T, D>>*>(to);
  const auto v0 = to_raw<T>(d, hn::Load(d, tile));
  const auto v1 = to_raw<T>(d, hn::Load(d, tile + hn::Lanes(d)));
  if (classes == 2) {
    hn::StoreInterleaved2(v0, v1, d_raw, raw);
  } else {
    const auto v2 = to_raw<T>(d, hn::Load(d, tile + 2 * hn::Lanes(d)));
    hn::StoreInterleaved3(v0, v1, v2, d_raw, raw);
  }
}

/// Reads classes [0, classes) of `rows` rows into the tile; `from` is the first row's first class.
/// Lanes past `rows` become 0.
template <class D, class T>
HWY_INLINE void read_tile(D d, const T* from, const AxisLayout& layout, int64_t classes,
                          int64_t rows, hn::TFromD<D>* tile) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  if (layout.inner > 1) {
    for (int64_t c = 0; c < classes; ++c, from += layout.inner, tile += lanes) {
      hn::Store(load_up_to(d, from, rows), d, tile);
    }
    return;
  }
  const int64_t row_stride = layout.outer_stride;
  if (rows == lanes && row_stride == classes && (classes == 2 || classes == 3)) {
    read_interleaved(d, from, classes, tile);
    return;
  }
#if HWY_TARGET != HWY_SCALAR && !HWY_HAVE_SCALABLE
  constexpr int64_t kBlock = detail::kBlock<D>;
  if (rows == lanes && classes >= kBlock) {
    int64_t c = 0;
    for (; c + kBlock <= classes; c += kBlock) {
      detail::transpose_in(d, from + c, row_stride, tile + c * lanes);
    }
    // The classes that are left, with some of the ones before once more.
    c = classes - kBlock;
    if (classes % kBlock != 0) detail::transpose_in(d, from + c, row_stride, tile + c * lanes);
    return;
  }
#endif
  if (rows < lanes) std::fill(tile, tile + classes * lanes, hn::TFromD<D>(0));
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t c = 0; c < classes; ++c) {
      tile[c * lanes + row] = to_compute(from[row * row_stride + c]);
    }
  }
}

/// Calls function(x, class) for the classes [0, classes) of `rows` rows in turn, x holding one row
/// in each lane, and 0 past `rows`.
template <class D, class T, class Function>
HWY_INLINE void for_each_class(D d, const T* from, const AxisLayout& layout, int64_t classes,
                               int64_t rows, const Function& function) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
#if HWY_TARGET != HWY_SCALAR && !HWY_HAVE_SCALABLE
  constexpr int64_t kBlock = detail::kBlock<D>;
  if (layout.inner == 1 && rows == lanes && classes >= kBlock) {
    for (int64_t c = 0; c < classes; c += kBlock) {
      const int64_t first = std::min(c, classes - kBlock);
      hn::Vec<D> v[kBlock];
      detail::read_blocks(d, from + first, layout.outer_stride, v);
      if (HWY_LIKELY(first == c)) {
        for (int64_t i = 0; i < kBlock; ++i) function(v[i], c + i);
      } else {
        for (int64_t i = 1; i < kBlock; ++i) {
          if (first + i >= c) function(v[i], first + i);
        }
      }
    }
    return;
  }
#endif
  TileStorage<D> tile;
  for (int64_t first = 0; first < classes; first += kTileClasses) {
    const int64_t number = std::min(kTileClasses, classes - first);
    read_tile(d, from + first * layout.inner, layout, number, rows, tile.lanes);
    for (int64_t k = 0; k < number; ++k) {
      function(hn::Load(d, tile.lanes + k * lanes), first + k);
    }
  }
}

/// What a Fold makes of each of `rows` contiguous rows, one in a lane, from the numbers that it is
/// given by add(x); some of them may come twice, and results of folds are added like numbers.
template <class Fold, class D, class T>
HWY_INLINE hn::Vec<D> fold_rows(D d, const T* from, int64_t classes, int64_t rows) {
#if HWY_TARGET != HWY_SCALAR && !HWY_HAVE_SCALABLE
  constexpr int64_t kBlock = detail::kBlock<D>;
  if (rows == static_cast<int64_t>(hn::Lanes(d)) && classes >= kBlock) {
    hn::Vec<D> v[kBlock];
    for (int64_t i = 0; i < kBlock; ++i) {
      Fold fold(d);
      for (int64_t c = 0; c < classes; c += kBlock) {
        const T* block = from + i * classes + std::min(c, classes - kBlock);
        fold.add(from_raw<T>(d, detail::load_raw_blocks(d, block, kBlock * classes)));
      }
      v[i] = fold.result(d);
    }
    detail::transpose_blocks(d, v);
    Fold fold(d);
    for (int64_t i = 0; i < kBlock; ++i) fold.add(v[i]);
    return fold.result(d);
  }
#endif
  TileStorage<D> tile;
  const AxisLayout layout = AxisLayout::contiguous(classes);
  Fold fold(d);
  for (int64_t c = 0; c < classes; c += kTileClasses) {
    const int64_t number = std::min(kTileClasses, classes - c);
    read_tile(d, from + c, layout, number, rows, tile.lanes);
    for (int64_t k = 0; k < number; ++k) fold.add(hn::Load(d, tile.lanes + k * hn::Lanes(d)));
  }
  return fold.result(d);
}

/// Writes the tile to `rows` contiguous rows of a matrix [rows, classes].
template <class D, class T>
HWY_INLINE void write_tile(D d, const hn::TFromD<D>* tile, int64_t classes, int64_t rows, T* to) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  if (rows == lanes && (classes == 2 || classes == 3)) {
    write_interleaved(d, tile, classes, to);
    return;
  }
#if HWY_TARGET != HWY_SCALAR && !HWY_HAVE_SCALABLE
  constexpr int64_t kBlock = detail::kBlock<D>;
  if (rows == lanes && classes >= kBlock) {
    int64_t c = 0;
    for (; c + kBlock <= classes; c += kBlock) {
      detail::transpose_out(d, tile + c * lanes, to + c, classes);
    }
    c = classes - kBlock;
    if (classes % kBlock != 0) detail::transpose_out(d, tile + c * lanes, to + c, classes);
    return;
  }
#endif
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t c = 0; c < classes; ++c) {
      to[row * classes + c] = from_compute<T>(tile[c * lanes + row]);
    }
  }
}

/// Whether tiles are faster than row by row (measured: a row's sum over lanes and its logarithm
/// cost as much as some vectors; writing a row costs nothing more than its vectors). C is the type
/// computed in. Where they are not, a row has at least a vector's classes.
template <class C>
HWY_INLINE bool forward_takes_tiles(const AxisLayout& layout) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(hn::ScalableTag<C>()));
  return layout.inner > 1 || layout.classes <= 8 * lanes;
}

template <class C>
HWY_INLINE bool backward_takes_tiles(const AxisLayout& layout) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(hn::ScalableTag<C>()));
  return layout.inner == 1 && layout.classes < lanes;
}

/// The rows of the next tile, from `row` to `end`: at most a vector's, all in one outer block.
template <class D>
HWY_INLINE int64_t tile_rows(D d, const AxisLayout& layout, int64_t row, int64_t end) {
  int64_t rows = std::min(static_cast<int64_t>(hn::Lanes(d)), end - row);
  if (layout.inner > 1) rows = std::min(rows, layout.inner - row % layout.inner);
  return rows;
}

}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
