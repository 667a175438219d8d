# SPDX-License-Identifier: Apache-2.0
"""Processes that are killed, that hang, or that do not come: the others end within the time-out,
say which rank and in which operation, and leave a checkpoint from which training goes on."""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tools"))
import experiments  # noqa: E402
import torchrun  # noqa: E402

if not torchrun.RANKS.exists():
    sys.exit(77)  # assay was built without c10d

TIMEOUT = 6
LONG = {"fit": {"epochs": 100000, "batch_size": 30}, "checkpoint": {"every_steps": 5},
        "callbacks": []}


def children_of(process):
    """Their ids. (The command ps hangs where the address sanitizer is loaded into it.)"""
    return sorted(int(child) for tasks in pathlib.Path(f"/proc/{process.pid}/task").iterdir()
                  for child in (tasks / "children").read_text().split())


class Faults(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = experiments.make(pathlib.Path(folder.name) / "experiment", LONG)
        self.checkpoint = self.path.parent / "run/checkpoint.safetensors"

    def start(self, rank, size, port):
        """One process, as torchrun starts it; rank 0 keeps the store."""
        variables = dict(torchrun.environment(), RANK=str(rank), WORLD_SIZE=str(size),
                         LOCAL_WORLD_SIZE=str(size), MASTER_ADDR="127.0.0.1",
                         MASTER_PORT=str(port))
        process = subprocess.Popen(
            [torchrun.COMMAND, "train", str(self.path), "--timeout", str(TIMEOUT)],
            env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()

    def start_all(self, size, port):
        processes = [self.start(rank, size, port) for rank in range(size)]
        deadline = time.monotonic() + 60
        while not self.checkpoint.exists():
            self.assertLess(time.monotonic(), deadline, "no checkpoint came")
            time.sleep(0.05)
        time.sleep(1.5)  # every process has given a sign
        return processes

    def errors_of(self, process, seconds):
        _, errors = process.communicate(timeout=seconds)
        self.assertGreater(process.returncode, 0, errors)  # below 0: a signal
        return errors

    def assert_goes_on(self):
        description = experiments.checkpoint_content(self.checkpoint)[1]
        epochs = description["position"]["epoch"] + 1
        done = experiments.assay("train", self.path, "--epochs", epochs)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Going on from", done.stdout)

    def check(self, fault, victim, port, allowed):
        processes = self.start_all(3, port)
        processes[victim].send_signal(fault)
        begin = time.monotonic()
        for rank, process in enumerate(processes):
            if rank == victim:
                continue
            errors = self.errors_of(process, allowed)
            self.assertRegex(errors, f"assay: rank {rank} of 3: ", errors)
            self.assertRegex(errors, r"\(operation \d+\) failed: ", errors)
            self.assertIn(f"rank {victim}", errors.replace(f"rank {rank} of 3", ""), errors)
        self.assertLess(time.monotonic() - begin, allowed)
        self.end(processes[victim])
        self.assert_goes_on()

    def test_a_rank_is_killed(self):
        self.check(signal.SIGKILL, victim=2, port=29611, allowed=TIMEOUT + 10)

    def test_the_rank_that_keeps_the_store_is_killed(self):
        self.check(signal.SIGKILL, victim=0, port=29612, allowed=TIMEOUT + 12)

    def test_a_rank_hangs(self):
        self.check(signal.SIGSTOP, victim=1, port=29613, allowed=2 * TIMEOUT + 12)

    def test_the_rank_that_keeps_the_store_hangs(self):
        self.check(signal.SIGSTOP, victim=0, port=29614, allowed=2 * TIMEOUT + 14)

    def test_a_rank_does_not_come(self):
        processes = [self.start(rank, 3, 29615) for rank in (0, 1)]
        for rank, process in enumerate(processes):
            errors = self.errors_of(process, TIMEOUT + 20)
            self.assertIn(f"rank {rank} of 3: joining failed: rank 2 did not come within 6 s", errors)

    def test_nobody_keeps_the_store(self):
        errors = self.errors_of(self.start(1, 2, 29616), TIMEOUT + 20)
        self.assertIn("joining failed: no store answers at 127.0.0.1:29616", errors)
        self.assertIn("rank 0 keeps it", errors)

    def test_nproc_ends_all_and_says_who_was_killed(self):
        launcher = subprocess.Popen(
            [torchrun.COMMAND, "train", str(self.path), "--nproc", "2", "--timeout", str(TIMEOUT)],
            env=torchrun.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, launcher)
        while not self.checkpoint.exists():
            time.sleep(0.05)
        children = children_of(launcher)
        self.assertEqual(len(children), 2)
        time.sleep(1.5)
        os.kill(children[1], signal.SIGKILL)
        _, errors = launcher.communicate(timeout=40)
        self.assertEqual(launcher.returncode, 128 + signal.SIGKILL)
        self.assertIn("rank 1 was ended by signal 9", errors)
        self.assertRegex(errors, r"rank 0 of 2: .*rank 1 no longer answers")
        self.assert_goes_on()

    def test_an_interrupt_ends_all_with_a_checkpoint(self):
        launcher = subprocess.Popen(
            [torchrun.COMMAND, "train", str(self.path), "--nproc", "2"],
            env=torchrun.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, launcher)
        while not self.checkpoint.exists():
            time.sleep(0.05)
        launcher.send_signal(signal.SIGINT)
        _, errors = launcher.communicate(timeout=40)
        self.assertEqual(launcher.returncode, 130, errors)
        self.assertIn("--nproc 2", errors)
        self.assert_goes_on()

    def test_torchrun_restarts_and_training_goes_on(self):
        agent = subprocess.Popen(
            torchrun.command(2, torchrun.COMMAND, "train", self.path, "--timeout", TIMEOUT,
                             options=["--max-restarts", "1", "--monitor-interval", "0.2"]),
            env=torchrun.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, agent)
        while not self.checkpoint.exists():
            time.sleep(0.05)
        workers = children_of(agent)
        time.sleep(1.5)
        os.kill(workers[-1], signal.SIGKILL)
        # It goes on: the checkpoint changes again, after the restart.
        lines = []
        deadline = time.monotonic() + 60
        while not any("Going on from" in line for line in lines):
            self.assertLess(time.monotonic(), deadline, lines)
            lines.append(agent.stdout.readline())
        agent.send_signal(signal.SIGINT)
        agent.communicate(timeout=60)
        self.assert_goes_on()


if __name__ == "__main__":
    unittest.main()
