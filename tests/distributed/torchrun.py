# SPDX-License-Identifier: Apache-2.0
"""Starts programs in several processes, as users do: with torchrun."""
import os
import pathlib
import socket
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


def run_agents(agents, processes, *program, timeout=120):
    """As on so many hosts with as many processes each: agents that find each other at an address."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    words = [*TORCHRUN, "--no-python", "--nnodes", str(agents), "--nproc-per-node", str(processes),
             "--rdzv-backend", "c10d", "--rdzv-endpoint", f"127.0.0.1:{port}", "--rdzv-id", "test",
             "--local-addr", "127.0.0.1", *map(str, program)]
    started = [subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True) for _ in range(agents)]
    done = []
    try:
        for agent in started:
            output, errors = agent.communicate(timeout=timeout)
            done.append(subprocess.CompletedProcess(words, agent.returncode, output, errors))
    finally:
        for agent in started:
            agent.kill()
    return done
