# SPDX-License-Identifier: Apache-2.0
"""Starts programs in several processes, as users do: with torchrun."""
import os
import pathlib
import subprocess
import sys

TORCHRUN = [sys.executable, "-m", "torch.distributed.run"]
BUILD = pathlib.Path(__file__).parents[2] / "build"
RANKS = pathlib.Path(os.environ.get("ASSAY_RANKS", BUILD / "tests/test_ranks"))
COMMAND = os.environ.get("ASSAY_COMMAND", str(BUILD / "tools/assay"))


def environment():
    """On loopback, with one thread a process."""
    variables = dict(os.environ, OMP_NUM_THREADS="1", GLOO_SOCKET_IFNAME="lo")
    # Messages of the agent itself, of which there are many.
    variables.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    return variables


def command(processes, *program, options=()):
    return [*TORCHRUN, "--no-python", "--standalone", "--nproc-per-node", str(processes),
            *options, *map(str, program)]


def run(processes, *program, options=(), timeout=120):
    return subprocess.run(command(processes, *program, options=options), env=environment(),
                          capture_output=True, text=True, timeout=timeout, check=False)
