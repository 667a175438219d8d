# SPDX-License-Identifier: Apache-2.0
"""`assay train` in several processes: the results of one, whatever their number, also where a run
goes on on another number; who prints, who writes, and what is said of mistakes."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tools"))
import experiments  # noqa: E402
import torchrun  # noqa: E402

if not torchrun.RANKS.exists():
    sys.exit(77)  # assay was built without c10d

# Nothing that draws random numbers in the model: its draws differ with the number of processes.
MODEL = [{"class_name": "Linear", "config": {"out_features": 8}}, "ReLU",
         {"class_name": "Linear", "config": {"out_features": 3}}]
SMALL = {"model": MODEL, "fit": {"epochs": 2, "batch_size": 30}}


def nproc(processes, path, *options):
    """Started by assay itself."""
    return subprocess.run([torchrun.COMMAND, "train", str(path), "--nproc", str(processes),
                           "--timeout", "30", *options], env=torchrun.environment(),
                          capture_output=True, text=True, timeout=120, check=False)


class Train(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def make(self, name, changes=None):
        return experiments.make(self.root / name, {**SMALL, **(changes or {})})

    def done(self, process):
        self.assertEqual(process.returncode, 0, process.stdout + process.stderr)
        return process

    def history(self, path):
        return json.loads((path.parent / "run/history.json").read_text())["history"]

    def results(self, path):
        return json.loads((path.parent / "run/results.json").read_text())["test"]

    def assert_same(self, path, expected):
        for name, values in self.history(expected).items():
            for value, other in zip(self.history(path)[name], values, strict=True):
                self.assertAlmostEqual(value, other, delta=2e-3, msg=name)
        for name, value in self.results(expected).items():
            self.assertAlmostEqual(self.results(path)[name], value, delta=2e-3, msg=name)

    def test_torchrun_gives_what_one_process_gives(self):
        alone = self.make("alone")
        self.done(experiments.assay("train", alone))
        path = self.make("three")
        done = self.done(torchrun.run(3, torchrun.COMMAND, "train", path))
        self.assert_same(path, alone)
        # One process prints and writes.
        self.assertEqual(done.stdout.count("rows to train on"), 1)
        self.assertEqual(done.stdout.count("Results are in"), 1)
        self.assertEqual(done.stdout.count("Epoch 1/2"), 1)
        self.assertEqual(sorted(p.name for p in alone.parent.glob("**/*")),
                         sorted(p.name for p in path.parent.glob("**/*")))
        rows = (path.parent / "log.csv").read_text().splitlines()
        self.assertEqual(len(rows), 3)

    def test_a_run_goes_on_on_another_number_of_processes(self):
        alone = self.make("alone")
        self.done(experiments.assay("train", alone))
        path = self.make("changing")
        self.done(nproc(2, path, "--epochs", "1"))
        self.done(experiments.assay("train", path))
        self.assert_same(path, alone)
        path = self.make("changing to more")
        self.done(nproc(2, path, "--epochs", "1"))
        done = self.done(nproc(3, path))
        self.assertIn("Going on from", done.stdout)
        self.assert_same(path, alone)
        evaluated = subprocess.run(
            [torchrun.COMMAND, "evaluate", str(path), "--json", "--nproc", "2"],
            env=torchrun.environment(), capture_output=True, text=True, timeout=60, check=True)
        for name, value in json.loads(evaluated.stdout)["test"].items():
            self.assertAlmostEqual(value, self.results(path)[name], delta=1e-6)

    def test_two_agents_of_torchrun_meet_at_a_rendezvous(self):
        alone = self.make("alone")
        self.done(experiments.assay("train", alone))
        path = self.make("two hosts")
        for done in torchrun.run_agents(2, 2, torchrun.COMMAND, "train", path):
            self.done(done)
        self.assert_same(path, alone)

    def test_mistakes_are_told_with_the_rank(self):
        path = self.make("wrong", {"loss": "no_such_loss"})
        done = nproc(2, path)
        self.assertEqual(done.returncode, 2)
        self.assertIn("no_such_loss", done.stderr)
        self.assertRegex(done.stderr, "assay: rank [01] of 2: ")
        self.assertFalse((path.parent / "run").exists())

    def test_an_error_in_one_process_is_told_by_the_others(self):
        # A label that no class has, among the last rows: rank 1's.
        path = self.make("label", {"data": {"dataset": {
            "class_name": "CSV", "config": {"path": "blobs.csv", "label": "label"}}},
            "fit": {"epochs": 1, "batch_size": 400, "shuffle": False}})
        data = path.parent / "blobs.csv"
        lines = data.read_text().splitlines()
        lines[-1] = lines[-1].rsplit(",", 1)[0] + ",7"
        data.write_text("\n".join(lines) + "\n")
        done = nproc(2, path)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("assay: rank 1 of 2: ", done.stderr)
        self.assertRegex(done.stderr, "rank 0 of 2: .*failed: rank 1 failed: ")

    def test_nproc_and_torchrun_are_not_given_both(self):
        variables = dict(torchrun.environment(), RANK="0", WORLD_SIZE="2",
                         MASTER_ADDR="127.0.0.1", MASTER_PORT="29600")
        done = subprocess.run([torchrun.COMMAND, "train", self.make("both"), "--nproc", "3"],
                              env=variables, capture_output=True, text=True, timeout=60,
                              check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--nproc is 3, but WORLD_SIZE is 2", done.stderr)


if __name__ == "__main__":
    unittest.main()
