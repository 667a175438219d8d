# SPDX-License-Identifier: Apache-2.0
"""CSV files whose numbers are not kept in memory: `assay train`, `evaluate` and `predict` give what
they give in memory, bit for bit, also where a run is killed and goes on; and memory stays far below
what the numbers need."""
import json
import os
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

COLOURS = ["red", "green\nor blue", 'say ""grey""']
CONFIG = {"path": "odd.csv", "label": "label", "categorical": ["colour"], "missing": "drop",
          "weight": "w"}
# What names where the numbers are kept, and what differs with the clock.
UNEQUAL = {"checkpoint", "best"}


def write_odd_csv(path, rows=600):
    """Quotes with line ends inside, missing values, CRLF, texts; the last line has no end."""
    draw = random.Random(11)
    lines = ["x,colour,y,w,label"]
    for i in range(rows):
        label = draw.randrange(3)
        x = "" if i % 50 == 7 else f"{draw.gauss(label, 1):.4f}"
        colour = COLOURS[draw.randrange(3)]
        lines.append(f'{x},"{colour}",{draw.gauss(-label, 1):.4f},{draw.random():.3f},class {label}')
    path.write_bytes("\r\n".join(lines).encode())


def data_of(config):
    return {"dataset": {"class_name": "CSV", "config": config},
            "split": {"validation": 0.1, "test": 0.2, "stratify": True}, "standardize": True}


def make(folder, in_memory, **changes):
    data = data_of({**CONFIG, "in_memory": in_memory})
    path = experiments.make(folder, {"data": data, **changes})
    write_odd_csv(path.parent / "odd.csv")
    return path


def results_of(folder):
    return {name: value for name, value in experiments.results_of(folder).items()
            if name not in UNEQUAL}


class Equality(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.loaded = make(self.root / "loaded", True)
        self.assertEqual(experiments.assay("train", self.loaded).returncode, 0)
        self.expected = results_of(self.loaded.parent)

    def assert_same(self, path):
        for name, value in results_of(path.parent).items():
            self.assertEqual(value, self.expected[name], name)

    def output(self, *arguments):
        done = experiments.assay(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def findings(self, path):
        report = json.loads((path.parent / "run" / "report.json").read_text(encoding="utf-8"))
        return report["findings"]

    def test_runs_are_equal(self):
        path = make(self.root / "file", False, fit={**experiments.EXPERIMENT["fit"],
                                                    "loader_threads": 2})
        self.output("train", path)
        self.assert_same(path)
        self.assertEqual(self.findings(path), self.findings(self.loaded))
        self.assertIn("confusion", self.findings(path))
        for part in ("train", "validation", "test"):
            for command in (["evaluate", "--json"], ["predict", "--csv", "-"]):
                self.assertEqual(self.output(command[0], path, *command[1:], "--part", part),
                                 self.output(command[0], self.loaded, *command[1:], "--part", part))

    def test_killed_runs_go_on_in_memory_or_not(self):
        path = make(self.root / "killed", False)
        draw = random.Random(4)
        kills = 0
        while kills < 6:
            in_memory = "true" if kills % 3 == 2 else "false"
            process = subprocess.Popen(
                [experiments.COMMAND, "train", str(path), "--set",
                 f"data.dataset.config.in_memory={in_memory}"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            process.stdout.readline()
            time.sleep(draw.uniform(0, 0.15))
            process.send_signal(signal.SIGKILL)
            _, errors = process.communicate()
            if process.returncode == 0:
                self.assert_same(path)
                (path.parent / "run" / "checkpoint.safetensors").unlink()
                continue
            self.assertEqual(process.returncode, -signal.SIGKILL, errors)
            kills += 1
        self.output("train", path)
        self.assert_same(path)


@unittest.skipIf("ASAN_OPTIONS" in os.environ, "the address sanitizer keeps what is freed")
class Memory(unittest.TestCase):
    ROWS = 400_000
    COLUMNS = 64
    NUMBERS_MIB = ROWS * COLUMNS * 8 / 2**20  # 195, of float64; their text is a quarter

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, rows):
        draw = random.Random(1)
        lines = [",".join(draw.choice("0123456789") for _ in range(self.COLUMNS)) + f",{i % 2}\n"
                 for i in range(1000)]
        with open(self.folder / "wide.csv", "w", encoding="utf-8") as file:
            file.write(",".join(f"x{i}" for i in range(self.COLUMNS)) + ",label\n")
            for _ in range(rows // len(lines)):
                file.writelines(lines)
        experiment = {
            "data": data_of({"path": "wide.csv", "label": "label", "dtype": "float64"}),
            "model": [{"class_name": "Linear", "config": {"out_features": 2}}],
            "loss": {"class_name": "SparseCategoricalCrossentropy",
                     "config": {"from_logits": True}},
            "dtype_policy": "float64",
            "fit": {"epochs": 1, "batch_size": 2000},
            "threads": 1,
            "output": "run",
        }
        path = self.folder / "experiment.json"
        path.write_text(json.dumps(experiment), encoding="utf-8")
        return path

    def peak_mib(self, path, in_memory, *command):
        """The largest resident size of the command, in MiB."""
        with open(os.devnull, "wb") as null:
            process = subprocess.Popen(
                [experiments.COMMAND, *command, str(path), "--set",
                 f"data.dataset.config.in_memory={in_memory}"], stdout=null)
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        return usage.ru_maxrss / 1024

    def test_is_not_needed_for_the_numbers(self):
        path = self.write(1000)
        program = self.peak_mib(path, "true", "train", "--no-resume")
        path = self.write(self.ROWS)
        loaded = self.peak_mib(path, "true", "train", "--no-resume")
        self.assertGreater(loaded - program, 0.9 * self.NUMBERS_MIB)  # what this test measures is there
        for command in (["train", "--no-resume"], ["evaluate"], ["predict"]):
            with self.subTest(command[0]):
                needed = self.peak_mib(path, "false", *command) - program
                print(f"{command[0]}: {needed:.0f} MiB beyond the program's, "
                      f"{loaded - program:.0f} in memory")
                self.assertLess(needed, 0.3 * self.NUMBERS_MIB)


if __name__ == "__main__":
    unittest.main()
