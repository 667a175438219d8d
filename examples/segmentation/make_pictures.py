# SPDX-License-Identifier: Apache-2.0
"""Writes pictures.npz: noisy pictures of discs and squares, and what each pixel belongs to.

x [pictures, 1, 24, 24], bytes; y [pictures, 3, 24, 24], one-hot: background, disc, square.
"""
import pathlib

import numpy as np

PICTURES, SIZE, LEVELS = 240, 24, 16

draw = np.random.default_rng(0)
rows, columns = np.mgrid[:SIZE, :SIZE]
x = np.empty((PICTURES, 1, SIZE, SIZE), np.uint8)
y = np.zeros((PICTURES, 3, SIZE, SIZE), np.uint8)
for i in range(PICTURES):
    kinds = np.zeros((SIZE, SIZE), np.int64)
    for _ in range(draw.integers(1, 4)):
        kind = draw.integers(1, 3)
        row, column = draw.integers(4, SIZE - 4, 2)
        reach = draw.integers(3, 6)
        down, right = np.abs(rows - row), np.abs(columns - column)
        inside = (down**2 + right**2 <= reach**2) if kind == 1 else (np.maximum(down, right) < reach)
        kinds[inside] = kind
    # Both kinds are equally bright: only their outline tells them apart.
    brightness = np.where(kinds > 0, 10, 4) + draw.normal(0, 2, (SIZE, SIZE))
    x[i, 0] = np.clip(brightness.round(), 0, LEVELS - 1)
    for kind in range(3):
        y[i, kind] = kinds == kind
np.savez_compressed(pathlib.Path(__file__).parent / "pictures.npz", x=x, y=y)
