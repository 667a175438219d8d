# SPDX-License-Identifier: Apache-2.0
"""The machine and the versions that results were measured with."""

import importlib.metadata
import os
import pathlib
import re
import subprocess


def first_line(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.splitlines()[0].strip() if done.stdout else "unknown"


PACKAGES = ("torch", "keras", "torchmetrics", "torcheval", "numpy")


def describe(build, packages=PACKAGES):
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())
    cache = (build / "CMakeCache.txt").read_text()
    compiler = re.search(r"^CMAKE_CXX_COMPILER:.*=(.*)$", cache, re.M).group(1)
    huge_pages = pathlib.Path("/sys/kernel/mm/transparent_hugepage/enabled")
    return {
        "processor": cpu.group(1) if cpu else "unknown",
        "cores": os.cpu_count(),
        "memory": f"{int(memory.group(1)) / 2**20:.0f} GiB",
        "kernel": first_line("uname", "-sr"),
        "transparent huge pages": huge_pages.read_text().strip() if huge_pages.exists() else "unknown",
        "load before the run": round(os.getloadavg()[0], 1),
        "compiler": first_line(compiler, "--version"),
        "assay": first_line("git", "-C", str(build.parent), "describe", "--always", "--dirty"),
    } | {name: importlib.metadata.version(name) for name in packages}
