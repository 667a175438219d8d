# SPDX-License-Identifier: Apache-2.0
"""Errors in units in the last place of a type."""

import mpmath
import torch

MANTISSA = {torch.float64: 52, torch.float32: 23, torch.float16: 10, torch.bfloat16: 7}


def unit(x, dtype):
    """The distance between the numbers of a type around x."""
    smallest = torch.finfo(dtype).smallest_normal
    size = max(abs(mpmath.mpf(x)), smallest)
    return mpmath.ldexp(1, mpmath.frexp(size)[1] - 1 - MANTISSA[dtype])


def overflows(x, dtype):
    largest = mpmath.mpf(torch.finfo(dtype).max)
    return abs(x) >= largest + unit(largest, dtype) / 2


def error(result, truth, dtype):
    """How many units `result` is away from `truth`; NaN for NaN."""
    if result != result:
        return float("nan")
    if mpmath.isinf(truth) or overflows(truth, dtype):
        return 0.0 if abs(result) == float("inf") and (result > 0) == (truth > 0) else float("inf")
    if abs(result) == float("inf"):
        return float("inf")
    return float(abs(mpmath.mpf(result) - truth) / unit(truth, dtype))
