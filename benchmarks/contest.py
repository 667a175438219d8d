# SPDX-License-Identifier: Apache-2.0
"""Contestants on the same tensors: compared first, then timed in turns, as contest.cpp does."""

import dataclasses
import statistics
import time
from collections.abc import Callable

import torch

MOST_ROUNDS = 200
FEWEST_ROUNDS = 5
SHORTEST_SAMPLE = 50e-6  # seconds: calls that take less are repeated within a sample
SLOW = 0.5  # seconds: contestants that take more are in two rounds only


@dataclasses.dataclass
class Contestant:
    name: str
    run: Callable  # what is timed
    results: Callable | None = None  # runs once, and gives the tensors that are compared


def disagreement(contestants, tolerance):
    """What differs from the first contestant's results by more than the tolerance, relative to the
    largest magnitude; an empty string where nothing does."""
    expected = [value.double() for value in contestants[0].results()]
    for contestant in contestants[1:]:
        if contestant.results is None:
            continue
        for index, (value, wanted) in enumerate(zip(contestant.results(), expected, strict=True)):
            value = value.detach().double().reshape(wanted.shape)
            difference = (value - wanted).abs().max().item()
            if not difference <= tolerance * max(wanted.abs().max().item(), 1e-30):
                what = "result" if index == 0 else "gradient"
                return f"{contestant.name}'s {what} differs from {contestants[0].name}'s by {difference:.3g}"
    return ""


def sample(run, calls):
    start = time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - start) / calls


def timings(contestants, budget):
    """Medians in microseconds, and medians of the ratios to the first contestant."""
    first = [sample(c.run, 1) for c in contestants]
    calls = [max(1, round(SHORTEST_SAMPLE / seconds)) for seconds in first]
    times = [[] for _ in contestants]
    end = time.perf_counter() + budget
    for i in range(MOST_ROUNDS):
        if i >= FEWEST_ROUNDS and time.perf_counter() > end:
            break
        for contestant, n, seconds, samples in zip(contestants, calls, first, times, strict=True):
            if seconds < SLOW or i < 2:
                samples.append(sample(contestant.run, n))
    return {
        c.name: {
            "microseconds": 1e6 * statistics.median(samples),
            "ratio": statistics.median(one / assay for one, assay in zip(samples, times[0])),
        }
        for c, samples in zip(contestants, times, strict=True)
    }


def limit(tensors, written=None):
    """What no contestant can beat: reading every input once, and writing the gradient once."""

    def run():
        for tensor in tensors:
            tensor.sum()
        if written is not None:
            torch.empty_like(written).fill_(1)

    return Contestant("limit", run)
