"""Tensors as the golden files hold them: a shape, a dtype name, exact values.

Values live in float64 (or int64), already rounded to the named dtype, so that
a reference computed from `data` sees exactly what a reader of the file sees.
"""

import json
import math
from dataclasses import dataclass

import numpy as np
import torch

FLOATS = {
    "float64": torch.float64,
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}
INTEGERS = {"int64": np.int64, "int32": np.int32, "uint8": np.uint8}


@dataclass(frozen=True)
class Tensor:
    data: np.ndarray
    dtype: str

    @property
    def shape(self):
        return self.data.shape

    def expand_last(self):
        return Tensor(self.data[..., None], self.dtype)


def tensor(values, dtype):
    """`values` rounded to `dtype`."""
    if dtype in INTEGERS:
        data = np.asarray(values)
        rounded = data.astype(INTEGERS[dtype])
        if not np.array_equal(rounded, data):
            raise ValueError(f"not representable as {dtype}: {data}")
        return Tensor(rounded.astype(np.int64), dtype)
    data = torch.tensor(np.asarray(values, dtype=np.float64))
    return Tensor(data.to(FLOATS[dtype]).to(torch.float64).numpy(), dtype)


def f32(values):
    return tensor(values, "float32")


def i64(values):
    return tensor(values, "int64")


def compute_dtype(dtype):
    """float64 stays; float16, bfloat16 and integers compute in float32."""
    return "float64" if dtype == "float64" else "float32"


def _number(value):
    value = float(value)
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    is_negative_zero = value == 0 and math.copysign(1.0, value) < 0
    if value.is_integer() and abs(value) < 2**53 and not is_negative_zero:
        return int(value)
    return value


def _flat(array):
    return [_number(value) for value in np.asarray(array).reshape(-1)]


def tensor_to_json(value):
    if value is None:
        return None
    return {"shape": list(value.shape), "dtype": value.dtype, "data": _flat(value.data)}


def expected_to_json(value):
    if isinstance(value, dict):
        return {name: expected_to_json(entry) for name, entry in value.items()}
    value = np.asarray(value) + 0.0  # no -0.0
    return {"shape": list(value.shape), "data": _flat(value)}


def dumps(value):
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
