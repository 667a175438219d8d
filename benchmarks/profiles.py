# SPDX-License-Identifier: Apache-2.0
"""What assay's time is spent on, as perf sees it."""

import pathlib
import re
import shutil
import subprocess
import tempfile

DRAWING = 1.5  # seconds in which the program starts and draws its tensors, which are left out
SECONDS = 1.0
FUNCTIONS = 5


def functions(program, workload, which, folder):
    """Lines "share function (library)" of what ran most often, on one thread."""
    data = folder / "perf.data"
    run = [program, "--profile", f"--budget={DRAWING + SECONDS}", f"--benchmark_filter=^{workload}:{which}:1/"]
    record = ["perf", "record", "-q", "-F", "997", "-D", str(int(1000 * DRAWING)), "-o", data, "--"]
    subprocess.run(record + run, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    report = subprocess.run(
        ["perf", "report", "-i", data, "--stdio", "--no-children", "-F", "overhead,dso,symbol"],
        check=True, capture_output=True, text=True,
    )
    lines = re.findall(r"^\s*([\d.]+)%\s+(\S+)\s+\[.\] (.*?)\s*$", report.stdout, re.M)
    return [f"{float(share):.0f}% `{symbol[:100]}` ({library})" for share, library, symbol in lines[:FUNCTIONS]]


def measure(program, missed):
    """One profile for each (workload, pass); none where perf is missing."""
    if not shutil.which("perf"):
        return []
    with tempfile.TemporaryDirectory() as folder:
        return [
            {
                "workload": workload,
                "pass": which,
                "functions": functions(program, workload, which, pathlib.Path(folder)),
            }
            for workload, which in missed
        ]
