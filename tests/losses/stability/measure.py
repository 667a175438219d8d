# SPDX-License-Identifier: Apache-2.0
"""How far each library is from the truth, case by case."""

import math
from dataclasses import dataclass

import mpmath
import numpy as np
import torch

from . import libraries, truth, units

# Probabilities are clipped in the type that computes.
CLIP = (float(np.float32(1e-7)), float(np.float32(1 - 1e-7)))


class Float64:
    """What the formulas use of mpmath, in float64, for rows that are long."""

    mpf = float
    exp, log, log1p, expm1, sqrt, cosh, fsum = (
        math.exp,
        math.log,
        math.log1p,
        math.expm1,
        math.sqrt,
        math.cosh,
        math.fsum,
    )


# Where the truth lies midway between two numbers of the type, to a hundredth of their distance, one
# is as good as the other.
MIDWAY = 0.01


@dataclass
class Measured:
    truth: list
    errors: dict  # by library: units, "error" where the call fails, None where it has no such loss

    @property
    def others(self):
        found = [e for name, e in self.errors.items() if name != "assay" and e is not None]
        return [math.inf if e == "error" or math.isnan(e) else e for e in found]

    @property
    def is_worst(self):
        """assay further from the truth than every other."""
        return bool(self.others) and self.errors["assay"] > max(self.others) + MIDWAY


def true_values(case):
    """The reduced truth as a list."""
    config = {k: v for k, v in case.config.items() if k not in ("axis", "reduction")}
    t, p = case.t.tolist(), case.p.double().tolist()
    if case.mask is not None:
        t, p = ([row for row, kept in zip(x, case.mask) if kept] for x in (t, p))
    arithmetic = Float64 if case.is_long else mpmath.mp
    values = truth.values(arithmetic, case.loss, config, t, p, CLIP)
    if case.config.get("reduction", "none") == "none":
        return values
    counted = [v for v, label in zip(values, t) if label != config.get("ignore_class", math.nan)]
    return [mpmath.fsum(counted) / len(counted) if counted else mpmath.mpf(0)]


def call(library, case):
    if library is libraries.of_torch:
        config = {k: v for k, v in case.config.items() if k != "axis"}
        return library(case.loss, config, case.t, case.p)
    mask = None if case.mask is None else torch.as_tensor(case.mask)
    return library(case.loss, case.config, case.t, case.p, mask)


def largest_error(result, expected, dtype):
    result = result.detach().double().reshape(-1).tolist()
    if len(result) != len(expected):
        raise ValueError(f"{len(result)} values; expected {len(expected)}")
    errors = [units.error(a, b, dtype) for a, b in zip(result, expected)]
    return math.nan if any(map(math.isnan, errors)) else max(errors, default=0.0)


def gradient(case, dtype):
    p = case.p.to(dtype).requires_grad_()
    mask = None if case.mask is None else torch.as_tensor(case.mask)
    libraries.assay(case.loss, case.config, case.t, p, mask).sum().backward()
    return p.grad


def has_nan_gradient(case):
    """NaN where the type could hold the gradient."""
    fits = gradient(case, torch.float64).abs() <= torch.finfo(case.dtype).max
    return bool((gradient(case, case.dtype).isnan() & fits).any())


def measure(case):
    expected = true_values(case)
    errors = {}
    for name, library in (
        ("keras", libraries.of_keras),
        ("torch", libraries.of_torch),
        ("assay", libraries.assay),
    ):
        has_it = name == "assay" or (
            hasattr(libraries.keras.losses, case.loss)
            if name == "keras"
            else case.loss in libraries.FUNCTIONAL
        )
        errors[name] = None
        if has_it and name not in case.apart:
            try:
                result = call(library, case)
                errors[name] = largest_error(result, expected, case.dtype)
            except (RuntimeError, ValueError):
                if name == "assay":
                    raise
                errors[name] = "error"
    return Measured(expected, errors)
