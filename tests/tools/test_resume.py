# SPDX-License-Identifier: Apache-2.0
"""Kills the real `assay train` with SIGKILL at random moments, inside epochs too, starts it again
until it is done, and compares everything with a run that was never killed, bit for bit."""
import json
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import experiments  # noqa: E402

KILLS = 20

# Threads that load, threads that compute, a schedule, and checkpoints that are kept.
THREADED = {
    "threads": 2,
    "fit": {"epochs": 6, "batch_size": 4, "loader_threads": 3},
    "optimizer": {"class_name": "Adam", "config": {"learning_rate": {
        "class_name": "CosineDecay",
        "config": {"initial_learning_rate": 0.01, "decay_steps": 300, "alpha": 0.1}}}},
    "callbacks": [
        {"class_name": "EarlyStopping",
         "config": {"monitor": "val_loss", "patience": 50, "restore_best_weights": True}},
        {"class_name": "ModelCheckpoint",
         "config": {"filepath": "run/weights-{epoch}.safetensors", "save_weights_only": True,
                    "monitor": "val_loss", "save_best_only": True, "max_to_keep": 2}},
        {"class_name": "CSVLogger", "config": {"filename": "log.csv"}},
    ],
    "checkpoint": {"every_steps": 5, "max_to_keep": 3, "monitor": "val_loss"},
}


def start(path, *options):
    return subprocess.Popen([experiments.COMMAND, "train", str(path), *options],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


class Resume(unittest.TestCase):
    def prepare(self, changes=None):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        root = pathlib.Path(self.folder.name)
        self.whole = experiments.make(root / "whole", changes)
        self.killed = experiments.make(root / "killed", changes)
        process = start(self.whole)
        process.stdout.readline()
        begin = time.monotonic()
        _, errors = process.communicate()
        self.seconds = time.monotonic() - begin  # of training alone, after everything is made
        self.assertEqual(process.returncode, 0, errors)
        self.expected = experiments.results_of(self.whole.parent)

    def assert_same_results(self):
        actual = experiments.results_of(self.killed.parent)
        for name, value in self.expected.items():
            self.assertEqual(actual[name], value, name)

    def kill_once(self, wait, signal_number=signal.SIGKILL):
        """Starts or goes on, and kills after a while; returns how the process ended."""
        process = start(self.killed)
        process.stdout.readline()  # the plan: from here on it trains
        time.sleep(wait)
        process.send_signal(signal_number)
        _, errors = process.communicate()
        return process.returncode, errors

    def test_killed_at_20_random_times(self):
        self.prepare()
        self.kill_and_compare(seed=20)

    def test_killed_at_20_random_times_with_threads_and_a_schedule(self):
        self.prepare(THREADED)
        self.kill_and_compare(seed=21)
        for root in (self.whole.parent, self.killed.parent):
            run = root / "run"
            kept = sorted(run.glob("checkpoint-*.safetensors"))
            self.assertEqual([p.name for p in kept],
                             [f"checkpoint-{batches:06}.safetensors" for batches in (410, 415, 420)])
            for path in kept:
                self.assertEqual(f"{experiments.checkpoint_content(path)[1]['position']['batches']:06}",
                                 path.stem.removeprefix("checkpoint-"))
            losses = json.loads((run / "history.json").read_text("utf-8"))["history"]["val_loss"]
            best = experiments.checkpoint_content(run / "best.safetensors")[1]["position"]
            self.assertEqual(best["epoch"], 1 + losses.index(min(losses)))
            self.assertLessEqual(len(list(run.glob("weights-*.safetensors"))), 2)
            self.assertEqual([p.name for p in run.iterdir() if "assay-tmp" in p.name], [])

    def kill_and_compare(self, seed):
        draw = random.Random(seed)
        kills, inside, places = 0, 0, set()
        checkpoint = self.killed.parent / "run" / "checkpoint.safetensors"
        while kills < KILLS:
            code, errors = self.kill_once(draw.uniform(0, 2.5 * self.seconds / KILLS))
            if code == 0:  # done before it was killed: the end must be right, then once more
                self.assert_same_results()
                checkpoint.unlink()
                continue
            self.assertEqual(code, -signal.SIGKILL, errors)
            kills += 1
            if checkpoint.exists():
                position = experiments.checkpoint_content(checkpoint)[1]["position"]
                places.add((position["epoch"], position["batch"]))
                inside += position["batch"] > 0
        process = start(self.killed)
        _, errors = process.communicate()
        self.assertEqual(process.returncode, 0, errors)
        self.assert_same_results()
        # The kills must have met different places, inside epochs too, or this shows little.
        self.assertGreaterEqual(len(places), 5, places)
        self.assertGreaterEqual(inside, 3)

    def test_interrupted_by_ctrl_c(self):
        self.prepare()
        code, errors = self.kill_once(self.seconds / 3, signal.SIGINT)
        self.assertEqual(code, 130, errors)
        self.assertIn("Interrupted in epoch", errors)
        self.assertIn(f"assay train {self.killed}", errors)
        process = start(self.killed, "--resume")
        output, errors = process.communicate()
        self.assertEqual(process.returncode, 0, errors)
        self.assertIn("Going on from", output)
        self.assert_same_results()

    def test_further_epochs_equal_one_long_run(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = pathlib.Path(folder.name)
        path = experiments.make(root / "parts", {"callbacks": []})
        for epochs in ("2", "6"):
            self.assertEqual(experiments.assay("train", path, "--epochs", epochs).returncode, 0)
        long = experiments.make(root / "long", {"callbacks": []})
        self.assertEqual(experiments.assay("train", long).returncode, 0)
        for name in ("model.safetensors", "metrics.safetensors"):
            self.assertEqual((path.parent / "run" / name).read_bytes(),
                             (long.parent / "run" / name).read_bytes(), name)
        history = json.loads((path.parent / "run/history.json").read_text(encoding="utf-8"))
        self.assertEqual(history["epoch"], list(range(6)))


if __name__ == "__main__":
    unittest.main()
