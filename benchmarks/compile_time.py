# SPDX-License-Identifier: Apache-2.0
"""What a header of assay adds to the time a user's source takes to compile."""

import json
import pathlib
import shlex
import statistics
import subprocess
import tempfile
import time

ROUNDS = 3
BASE = "torch/nn/module.h"
ADDED = "assay/losses/huber.h"
TARGET = 1.0  # seconds


def flags(build):
    """How the build compiles the library, without ccache and its precompiled header."""
    commands = json.loads((build / "compile_commands.json").read_text())
    words = next(words for c in commands if "CMakeFiles/assay.dir/" in " ".join(words := shlex.split(c["command"])))
    compiler = next(i for i, word in enumerate(words) if word.endswith(("clang++", "g++", "c++")))
    kept = [word for word in words[compiler + 1 :] if word.startswith(("-I", "-O", "-std", "-D"))]
    system = [words[i + 1] for i, word in enumerate(words) if word == "-isystem"]
    return [words[compiler], *kept, *(f"-isystem{folder}" for folder in system)]


def measure(build):
    """Medians in seconds of a source with the one header, and with both, compiled in turns."""
    command = flags(build)
    times = {BASE: [], ADDED: []}
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "user.cpp")
        for _ in range(ROUNDS):
            for header in times:
                source.write_text("".join(f"#include <{h}>\n" for h in dict.fromkeys((BASE, header))))
                start = time.perf_counter()
                subprocess.run([*command, "-c", str(source), "-o", str(source) + ".o"], check=True)
                times[header].append(time.perf_counter() - start)
    added = [with_it - without for without, with_it in zip(times[BASE], times[ADDED], strict=True)]
    return {
        "base": BASE,
        "base_seconds": statistics.median(times[BASE]),
        "added": ADDED,
        "added_seconds": statistics.median(added),
        "target_seconds": TARGET,
    }
