# SPDX-License-Identifier: Apache-2.0
"""The Python side of script/bench: assay through its Python door against what Python users call.

    measure.py LIBRARY OUTPUT BUDGET PART... [--large]

LIBRARY is libassay.so, BUDGET the seconds of each measurement, PART a part of a workload's name.
"""

import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
os.environ["KERAS_BACKEND"] = "torch"

import torch  # noqa: E402

torch.ops.load_library(sys.argv[1])

import losses.peers  # noqa: E402
import metrics.peers  # noqa: E402
from contest import disagreement, timings  # noqa: E402
from data import inputs_of  # noqa: E402
from workloads import WORKLOADS  # noqa: E402

CONTESTS = {"loss": losses.peers.contest, "metric": metrics.peers.contest}


def measure(workload, which, inputs, budget):
    """One row for each number of threads."""
    row = {"workload": workload["name"], "pass": which}
    try:
        contestants = CONTESTS[workload["kind"]](workload, which, inputs)
        if error := disagreement(contestants, workload["tolerance"]):
            return [row | {"threads": torch.get_num_threads(), "error": error}]
        rows = []
        for threads in sorted({1, os.cpu_count()}):
            torch.set_num_threads(threads)
            rows.append(row | {"threads": threads, "times": timings(contestants, budget)})
        return rows
    except Exception as error:  # one contestant's failure must not hide the other workloads
        message = f"{type(error).__name__}: {str(error).splitlines()[0]}"
        return [row | {"threads": torch.get_num_threads(), "error": message}]


def main():
    output, budget, parts = sys.argv[2], float(sys.argv[3]), sys.argv[4:]
    large_only = "--large" in parts
    parts = [part for part in parts if part != "--large"] or [""]
    rows = []
    for workload in WORKLOADS:
        chosen = workload["python"] and any(part in workload["name"] for part in parts)
        if not chosen or (large_only and not workload["large"]):
            continue
        workload["assay_json"] = json.dumps(workload["assay"])
        print(workload["name"], file=sys.stderr)
        inputs = inputs_of(workload)
        for which in workload["passes"]:
            if which == "peak_memory":
                continue
            rows += measure(workload, which, inputs, budget)
    pathlib.Path(output).write_text(json.dumps(rows))


main()
