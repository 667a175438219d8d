# SPDX-License-Identifier: Apache-2.0
"""The numbers of docs/scaling.md follow from its formulas and from what the benchmark measured."""
import json
import math
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
from distributed.run import page  # noqa: E402

PAGE = (ROOT / "docs/scaling.md").read_text(encoding="utf-8")
MEASURED = json.loads((ROOT / "benchmarks/distributed/results.json").read_text(encoding="utf-8"))

# The page's assumptions.
ALPHA = 30e-6
BANDWIDTH = 3e9
FRAME = 65536 + 8
RANKS = 1024
BUCKET = 25e6
FIRST_BUCKET = 1e6


def linear(inputs, outputs):
    return inputs * outputs + outputs


# Models of the benchmark, and one that the page makes up: bytes of gradients.
GRADIENTS = {
    "mlp": 4 * (linear(64, 256) + linear(256, 256) + linear(256, 10)),
    "cnn": 4 * (linear(9, 32) + linear(32 * 9, 64) + linear(9216, 128) + linear(128, 10)),
    "100 million parameters": 400e6,
}


def all_gather(size, ranks=RANKS):
    return (ranks - 1) * (ALPHA + size / BANDWIDTH)


def all_reduce(size, ranks=RANKS):
    return 2 * (ranks - 1) * (ALPHA + size / (ranks * BANDWIDTH))


def halving_and_doubling(size, ranks=RANKS):
    return 2 * math.log2(ranks) * ALPHA + 2 * (ranks - 1) / ranks * size / BANDWIDTH


def buckets(size):
    return 1 + math.ceil(max(0, size - FIRST_BUCKET) / BUCKET)


def three_digits(number):
    return f"{number:.3g}" if number < 1000 else f"{float(f'{number:.3g}'):,.0f}"


def row(*cells):
    return "| " + " | ".join(cells) + " |"


class Scaling(unittest.TestCase):
    def check(self, text):
        self.assertIn(re.sub(r"\s+", " ", text), re.sub(r"\s+", " ", PAGE))

    def test_results_are_those_of_the_benchmark(self):
        self.assertEqual((ROOT / "benchmarks/distributed/RESULTS.md").read_text(encoding="utf-8"),
                         page(MEASURED))

    def test_assumptions(self):
        self.check(f"α = {ALPHA * 1e6:.0f} µs")
        self.check(f"B = {BANDWIDTH / 1e9:.0f} GB/s")

    def test_bytes_that_pass(self):
        for measured in MEASURED["rows"]:
            name, n = measured["workload"], measured["processes"]
            kibibytes = measured["assay"]["bytes"] / 1024
            if name == "30 metrics":
                self.check(row("synchronising 30 metrics", str(n), f"{(n - 1) * FRAME / 1024:.1f}",
                               f"{kibibytes:.1f}"))
            else:
                formula = 2 * (n - 1) / n * GRADIENTS[name] / 1024
                self.check(row(f"a step of {name}", str(n), f"{formula:.0f}", f"{kibibytes:.0f}"))

    def test_synchronising(self):
        merging = MEASURED["merging"]
        self.assertEqual(merging["messages"], RANKS)
        self.assertLess(merging["bytes"], FRAME)
        self.check(f"are {merging['bytes']:,} bytes with their names and shapes, which are sent in "
                   f"a frame of {FRAME // 1024} KiB and {FRAME % 1024} bytes")
        steps, frames = (RANKS - 1) * ALPHA, (RANKS - 1) * FRAME / BANDWIDTH
        took = f"{1000 * merging['seconds']:.0f}"
        self.check(row(f"{RANKS - 1:,} steps of α", f"{1000 * steps:.1f}"))
        self.check(row(f"{RANKS - 1:,} frames at B", f"{1000 * frames:.1f}"))
        self.check(row(f"merging {RANKS:,} states (measured: {took} ms for {RANKS:,})", took))
        self.check(row("together", f"{1000 * (steps + frames + merging['seconds']):.0f}"))
        self.check(f"Each process holds {RANKS * FRAME / 2**20:.0f} MiB of frames")
        calls = next(r["torchmetrics"]["collectives"] for r in MEASURED["rows"]
                     if r["peer"] == "torchmetrics")
        self.check(f"({calls:.0f} calls for these metrics, at least half of them all-gathers, the "
                   f"others barriers), is {calls / 2 * steps:.1f} s of α alone")
        self.check(f"take log2 n steps of α, {1000 * math.log2(RANKS) * ALPHA:.1f} ms in place of "
                   f"{1000 * steps:.1f}")

    def test_training(self):
        for name, size in GRADIENTS.items():
            count = buckets(size)
            latency = all_reduce(0) * (count - 1)
            self.check(row(
                name if "million" in name else f"{name} of the benchmark",
                f"{size / 1e6:.0f} MB" if size > 1e8 else f"{size / 1e6:.2f} MB", str(count),
                three_digits(1000 * (all_reduce(size) + latency)),
                three_digits(1000 * (halving_and_doubling(size)
                                     + (count - 1) * halving_and_doubling(0)))))
        self.check(f"2 (n - 1) α = {1000 * all_reduce(0):.1f} ms")


if __name__ == "__main__":
    unittest.main()
