# SPDX-License-Identifier: Apache-2.0
"""Several hosts, as network namespaces that a slow and lossy link joins: training gives what one
process gives, and ends with a message when the link is cut. Needs root, the command ip and
/dev/net/tun."""
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tools"))
import experiments  # noqa: E402
import slow_link  # noqa: E402
import torchrun  # noqa: E402

MODEL = [{"class_name": "Linear", "config": {"out_features": 8}}, "ReLU",
         {"class_name": "Linear", "config": {"out_features": 3}}]
TIMEOUT = 6


def run(*words):
    subprocess.run(words, capture_output=True, text=True, check=True)


class Hosts:
    """Two namespaces with a link between them."""

    numbers = itertools.count()

    def __init__(self):
        number = next(self.numbers)
        self.names = [f"assay-{os.getpid()}-{number}-{i}" for i in range(2)]
        self.links = [f"as{os.getpid() % 100000}v{number}{i}" for i in range(2)]
        self.link = slow_link.SlowLink(self.links)

    def make(self):
        """Errors: OSError, CalledProcessError where this system has no such thing."""
        for name in self.names:
            for words in (["netns", "add", name], ["-n", name, "link", "set", "lo", "up"]):
                run("ip", *words)
        self.link.connect(self.names, ["10.77.0.1/24", "10.77.0.2/24"])

    def cut(self):
        run("ip", "-n", self.names[1], "link", "set", self.links[1], "down")

    def remove(self):
        self.link.remove()
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)

    def start(self, rank, path, *options):
        variables = dict(torchrun.environment(), RANK=str(rank), WORLD_SIZE="2",
                         LOCAL_RANK="0", LOCAL_WORLD_SIZE="1", MASTER_ADDR="10.77.0.1",
                         MASTER_PORT="29500", GLOO_SOCKET_IFNAME=self.links[rank])
        return subprocess.Popen(
            ["ip", "netns", "exec", self.names[rank], torchrun.COMMAND, "train", str(path),
             "--timeout", str(TIMEOUT), *options],
            env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def needed():
    return (torchrun.RANKS.exists() and os.geteuid() == 0 and shutil.which("ip")
            and os.path.exists(slow_link.TUN))


if not needed():
    sys.exit(77)


class SeveralHosts(unittest.TestCase):
    def setUp(self):
        self.hosts = Hosts()
        self.addCleanup(self.hosts.remove)
        try:
            self.hosts.make()
        except subprocess.CalledProcessError as error:
            self.skipTest(f"{' '.join(error.cmd)}: {error.stderr}")
        except OSError as error:
            self.skipTest(str(error))
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def start_both(self, path):
        processes = [self.hosts.start(rank, path) for rank in range(2)]
        for process in processes:
            self.addCleanup(self.end, process)
        return processes

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()

    def test_training_is_that_of_one_process(self):
        changes = {"model": MODEL, "fit": {"epochs": 1, "batch_size": 40}}
        alone = experiments.make(self.root / "alone", changes)
        self.assertEqual(experiments.assay("train", alone).returncode, 0)
        path = experiments.make(self.root / "both", changes)
        for process in self.start_both(path):
            _, errors = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 0, errors)
        results = [json.loads((p.parent / "run/results.json").read_text())["test"]
                   for p in (alone, path)]
        for name, value in results[0].items():
            self.assertAlmostEqual(results[1][name], value, delta=2e-3, msg=name)
        self.assertGreater(self.hosts.link.lost, 0)

    def test_a_link_that_is_cut_ends_both(self):
        path = experiments.make(self.root / "cut", {
            "fit": {"epochs": 100000, "batch_size": 40}, "checkpoint": {"every_steps": 2},
            "callbacks": []})
        processes = self.start_both(path)
        checkpoint = path.parent / "run/checkpoint.safetensors"
        deadline = time.monotonic() + 60
        while not checkpoint.exists():
            self.assertLess(time.monotonic(), deadline, "no checkpoint came")
            time.sleep(0.05)
        time.sleep(1.5)
        self.hosts.cut()
        for rank, process in enumerate(processes):
            _, errors = process.communicate(timeout=2 * TIMEOUT + 15)
            self.assertNotEqual(process.returncode, 0)
            self.assertRegex(errors, rf"assay: rank {rank} of 2: .* failed: rank {1 - rank}")
        epochs = experiments.checkpoint_content(checkpoint)[1]["position"]["epoch"] + 1
        done = experiments.assay("train", path, "--epochs", epochs)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
