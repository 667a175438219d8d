# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmarks (script/bench has built them) and writes the report.

    run.py [PART...]

Without a part everything runs, and results.json and RESULTS.md are written. With parts of
workloads' names, or `compile_time`, those run and their tables are printed. Fails where
contestants disagree. `training` alone compares a training with Keras's and writes
training/RESULTS.md, `distributed` alone what takes several processes: distributed/RESULTS.md.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import compile_time
import machine
import profiles
import report
from distributed import run as several_processes
from workloads import WORKLOADS

HERE = pathlib.Path(__file__).parent.resolve()
BUILD = HERE.parent / "build"
PROGRAM = BUILD / "benchmarks/assay_benchmarks"
BUDGET = "0.12"  # seconds a measurement, at least
# The states of the heap that tensors above 32 MiB are measured in. By default glibc maps fresh
# pages for each; a warm heap keeps the pages that it once had.
HEAPS = {"cold": {}, "warm": {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**46)}}


def run(command, heap):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | HEAPS[heap])


def cpp_rows(parts, heap, folder):
    """The C++ program's benchmarks; Google Benchmark writes the counters beside its own keys."""
    output = folder / "cpp.json"
    command = [PROGRAM, f"--budget={BUDGET}", f"--benchmark_out={output}"]
    if parts:
        command.append("--benchmark_filter=" + "|".join(parts))
    if heap == "warm":
        command.append("--large")
    run(command, heap)
    for entry in json.loads(output.read_text())["benchmarks"]:
        workload, which, threads = entry["name"].split("/iterations")[0].rsplit(":", 2)
        row = {"workload": workload, "pass": which, "threads": int(threads)}
        if entry.get("error_occurred"):
            yield row | {"error": entry["error_message"]}
        elif which == "peak_memory":
            names = [name for name in ("assay", "libtorch", "composed") if name in entry]
            yield row | {"mebibytes": {name: entry[name] for name in names}}
        else:
            ratios = {key.removesuffix("/ratio"): entry[key] for key in entry if key.endswith("/ratio")}
            yield row | {
                "times": {
                    name: {"microseconds": entry[name], "ratio": ratio}
                    for name, ratio in ({"assay": 1.0} | ratios).items()
                }
            }


def python_rows(parts, heap, folder):
    output = folder / "python.json"
    command = [sys.executable, HERE / "measure.py", BUILD / "libassay.so", output, BUDGET, *parts]
    run(command + ["--large"] if heap == "warm" else command, heap)
    return json.loads(output.read_text())


def measure(parts):
    names = [w["name"] for w in WORKLOADS if not parts or any(part in w["name"] for part in parts)]
    large = any(w["large"] for w in WORKLOADS if w["name"] in names)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for heap in HEAPS if large else ["cold"] if names else []:
            for side, rows_of in (("C++", cpp_rows), ("Python", python_rows)):
                print(f"-- {side}, {heap} heap", file=sys.stderr)
                rows += [{"side": side, "heap": heap} | row for row in rows_of(parts, heap, pathlib.Path(folder))]
    return rows


def main():
    parts = sys.argv[1:]
    if parts == ["training"]:
        return subprocess.run([sys.executable, HERE / "training/measure.py"], check=True)
    if parts == ["distributed"]:
        return several_processes.main(BUILD, machine.describe(BUILD, ("torch", "torchmetrics")))
    unknown = [p for p in parts if p != "compile_time" and not any(p in w["name"] for w in WORKLOADS)]
    if unknown:
        families = ", ".join(dict.fromkeys(w["family"] for w in WORKLOADS))
        sys.exit(f"no workload's name contains {unknown[0]!r}; there are {families}, compile_time, "
                 "training, distributed")

    start = time.time()
    results = {"machine": machine.describe(BUILD)}
    results["rows"] = measure([p for p in parts if p != "compile_time"]) if parts != ["compile_time"] else []
    if not parts or "compile_time" in parts:
        results["compile_time"] = compile_time.measure(BUILD)
    if not parts:
        missed = dict.fromkeys(target[:2] for target in report.judged(results["rows"]) if not target[-1])
        print(f"-- profiles of {len(missed)} workloads that miss a target", file=sys.stderr)
        results["profiles"] = profiles.measure(PROGRAM, missed)
    results["minutes"] = round((time.time() - start) / 60, 1)

    if parts:
        print(report.tables(results))
    else:
        (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n")
        (HERE / "RESULTS.md").write_text(report.page(results))
        print(report.targets_table(results["rows"]))
        print(f"{results['minutes']} minutes; written: benchmarks/RESULTS.md, benchmarks/results.json")
    errors = [row for row in results["rows"] if "error" in row]
    for row in errors:
        print(f"FAILED {row['side']} {row['workload']} {row['pass']}: {row['error']}", file=sys.stderr)
    sys.exit(1 if errors else 0)


main()
