# SPDX-License-Identifier: Apache-2.0
"""Several processes against PyTorch: metrics synchronised by assay and by torchmetrics, training by
assay's Trainer and by DistributedDataParallel. Writes RESULTS.md.

Both contestants' processes stand ready; each round lets one work, then the other.
"""
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import time

from . import workloads

HERE = pathlib.Path(__file__).parent.resolve()
PEERS = {"metrics": "torchmetrics", "model": "DistributedDataParallel"}


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def bytes_on_loopback():
    for line in pathlib.Path("/proc/net/dev").read_text().splitlines():
        if line.split(":")[0].strip() == "lo":
            return int(line.split(":")[1].split()[8])
    raise RuntimeError("there is no interface lo")


class Contestant:
    """The processes of one side."""

    def __init__(self, command, workload, size):
        self.size = size
        port = str(free_port())
        variables = {"WORLD_SIZE": str(size), "LOCAL_WORLD_SIZE": str(size), "MASTER_PORT": port,
                     "MASTER_ADDR": "127.0.0.1", "GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1",
                     "PYTHONWARNINGS": "ignore", "TORCH_CPP_LOG_LEVEL": "ERROR"}
        given = json.dumps({key: workload[key] for key in workload if key != "times"})
        self.processes = [
            subprocess.Popen([*command, given], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             text=True, env=os.environ | variables | {"RANK": str(rank)})
            for rank in range(size)]

    def ask(self, line):
        for process in self.processes:
            process.stdin.write(line + "\n")
            process.stdin.flush()
        answer = self.processes[0].stdout.readline()
        if not answer:
            raise RuntimeError(f"a process ended: {self.processes[0].args}")
        return json.loads(answer)

    def run(self, times):
        before = bytes_on_loopback()
        answer = self.ask(f"run {times}")
        return answer | {"bytes": (bytes_on_loopback() - before) / times / self.size}

    def end(self):
        for process in self.processes:
            process.stdin.close()
        for process in self.processes:
            process.wait()
            process.stdout.close()


def compare(name, tolerance, ours, theirs):
    assert set(ours) == set(theirs), (name, set(ours) ^ set(theirs))
    for key, value in ours.items():
        if abs(value - theirs[key]) > tolerance * max(1, abs(value)):
            sys.exit(f"{name}: {key}: assay has {value}, the peer {theirs[key]}")


def measure(name, workload, size, program):
    peer = PEERS["metrics" if "metrics" in workload else "model"]
    sides = {"assay": Contestant([program], workload, size),
             peer: Contestant([sys.executable, HERE / "ranks.py"], workload, size)}
    ours, theirs = sides.values()
    times = workload["times"]
    try:
        if "metrics" in workload:  # results are those of a run
            ours.run(1)
            theirs.run(1)
        compare(f"{name}, {size} processes", workload["tolerance"], ours.ask("results"),
                theirs.ask("results"))
        for side in sides.values():
            side.run(times)
        rounds = [(ours.run(times), theirs.run(times)) for _ in range(workloads.ROUNDS)]
    finally:
        for side in sides.values():
            side.end()
    row = {"workload": name, "processes": size, "peer": peer,
           "ratio": statistics.median(b["seconds"] / a["seconds"] for a, b in rounds)}
    for side, turn in (("assay", 0), (peer, 1)):
        row[side] = {key: statistics.median(r[turn][key] for r in rounds)
                     for key in ("seconds", "collectives", "bytes")}
    return row


def measure_merging(program):
    """Seconds that a process takes to merge what many have sent, and the bytes of a message."""
    contestant = Contestant([program], workloads.MERGES, 2)
    try:
        contestant.run(1)
        seconds = [contestant.run(1)["seconds"] for _ in range(workloads.ROUNDS)]
        return {"messages": workloads.MERGES["merges"], "seconds": statistics.median(seconds),
                "bytes": contestant.ask("results")["bytes of a message"]}
    finally:
        contestant.end()


def kibibytes(count):
    return f"{count / 1024:.1f}" if count < 10240 else f"{count / 1024:.0f}"


def milliseconds(seconds):
    return f"{1000 * seconds:.3g}" if seconds < 1 else f"{1000 * seconds:,.0f}"


def table(rows):
    lines = ["| | processes | assay, ms | {peer}, ms | ratio | assay, KiB | {peer}, KiB | assay's "
             "collectives |".format(peer=rows[0]["peer"]), "| --- " * 8 + "|"]
    for row in rows:
        ours, theirs = row["assay"], row[row["peer"]]
        lines.append(f"| {row['workload']} | {row['processes']} | {milliseconds(ours['seconds'])} | "
                     f"{milliseconds(theirs['seconds'])} | {row['ratio']:.2f} | "
                     f"{kibibytes(ours['bytes'])} | {kibibytes(theirs['bytes'])} | "
                     f"{ours['collectives']:.3g} |")
    return "\n".join(lines)


def page(results):
    rows = results["rows"]
    metrics = [row for row in rows if row["peer"] == "torchmetrics"]
    training = [row for row in rows if row["peer"] != "torchmetrics"]
    merging = results["merging"]
    calls = metrics[0]["torchmetrics"]["collectives"]
    machine = "\n".join(f"- {key}: {value}" for key, value in results["machine"].items())
    return f"""# Several processes

Made by `script/bench distributed`, which compares the contestants' results first and then lets them
work in turns; ratios are medians of {workloads.ROUNDS} rounds. Above 1, assay is faster. All processes
share one machine and talk by Gloo over its loopback, one thread each: with more processes than cores
they take the cores from each other. KiB are what each process sends (all that passes the loopback,
TCP's headers and acknowledgements with it, over the number of processes).

## Synchronising 30 metrics

Ten kinds at three thresholds ([workloads.py](workloads.py)), each process with 4,096 rows; one
synchronisation and all results. assay takes one collective, torchmetrics' `MetricCollection`, with its
compute groups, {calls:.0f}, barriers included.

{table(metrics)}

A process packs its states into {merging['bytes']:,} bytes. Merging {merging['messages']:,} such messages
takes {milliseconds(merging['seconds'])} ms.

## Training

One step of SGD with momentum, rows taken from memory in a new order each epoch. mlp: 64-256-256-10,
85 thousand parameters, 32 rows a process; cnn: two convolutions and two linear layers on 28 by 28
pixels, 1.2 million parameters, 16 rows a process. `Trainer::fit` on one side, on the other the loop that
one writes in Python around `DistributedDataParallel`. A block's collectives include those that an epoch
has once.

{table(training)}

## Machine

{machine}
"""


def main(build, machine):
    start = time.time()
    program = build / "benchmarks/assay_benchmarks_ranks"
    results = {"machine": machine, "rows": []}
    for name, workload in workloads.WORKLOADS.items():
        for size in workloads.PROCESSES:
            print(f"-- {name}, {size} processes", file=sys.stderr)
            results["rows"].append(measure(name, workload, size, program))
    results["merging"] = measure_merging(program)
    (HERE / "RESULTS.md").write_text(page(results))
    (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    print(page(results))
    print(f"{(time.time() - start) / 60:.1f} minutes; written: {HERE / 'RESULTS.md'}")
