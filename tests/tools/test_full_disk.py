# SPDX-License-Identifier: Apache-2.0
"""The real `assay train` on a disk that fills up and in a folder that takes no writes: it ends with
a message that names the file, the checkpoint before loads, and the run goes on, once there is room,
to what a run without trouble gives, bit for bit.

The disk is a small tmpfs in a mount namespace of this process's own; exit status 77 where that is
not allowed."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import experiments  # noqa: E402

INSIDE = "ASSAY_TEST_INSIDE"
DISK_BYTES = 600_000
CHANGES = {"callbacks": []}


def enter_namespace():
    """Runs this program again where it may mount; comes back where it already does."""
    if INSIDE in os.environ:
        return
    for rights in ([], ["--map-root-user"]):
        unshare = ["unshare", "--mount", *rights]
        allowed = subprocess.run(
            [*unshare, "mount", "-t", "tmpfs", "assay-test", "/mnt"],
            capture_output=True, check=False)
        if allowed.returncode == 0:
            os.execvpe("unshare", [*unshare, sys.executable, *sys.argv],
                       {**os.environ, INSIDE: "1"})
    print("skipped: needs the privilege to mount a file system")
    sys.exit(77)


def fill(path):
    """Takes every byte that the disk has left."""
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


class FullDisk(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = pathlib.Path(folder.name)
        self.whole = experiments.make(root / "whole", CHANGES)
        self.path = experiments.make(root / "run", CHANGES)
        self.run_folder = self.path.parent / "run"
        self.run_folder.mkdir()
        self.filler = self.run_folder / "filler"
        self.checkpoint = self.run_folder / "checkpoint.safetensors"

    def mount(self, *options):
        subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join([f"size={DISK_BYTES}", *options]),
                        "assay-test", self.run_folder], check=True)
        self.addCleanup(subprocess.run, ["umount", self.run_folder], check=True)

    def train(self, path, epochs, code=0):
        run = experiments.assay("train", path, "--epochs", epochs, "-q")
        self.assertEqual(run.returncode, code, run.stderr)
        return run.stderr

    def names(self):
        return {path.name for path in self.run_folder.iterdir()}

    def assert_goes_on_to_the_same_end(self):
        self.train(self.path, 6)
        self.train(self.whole, 2)
        self.train(self.whole, 6)
        for name in ("model.safetensors", "metrics.safetensors", "results.json"):
            self.assertEqual((self.run_folder / name).read_bytes(),
                             (self.whole.parent / "run" / name).read_bytes(), name)

    def test_a_disk_that_fills_up(self):
        self.mount()
        self.train(self.path, 2)
        before = self.checkpoint.read_bytes()
        names = self.names()
        fill(self.filler)
        error = self.train(self.path, 6, code=1)
        self.assertIn("No space left on device", error)
        self.assertIn(str(self.run_folder), error)
        self.assertEqual(self.checkpoint.read_bytes(), before)
        self.assertEqual(self.names(), names | {"filler"})
        self.assertEqual(experiments.assay("evaluate", self.path).returncode, 0)
        self.filler.unlink()
        self.assert_goes_on_to_the_same_end()

    def test_a_checkpoint_for_which_there_is_no_room(self):
        """Room for the small files, and not for a second checkpoint."""
        self.mount()
        self.train(self.path, 2)
        before = self.checkpoint.read_bytes()
        fill(self.filler)
        os.truncate(self.filler, self.filler.stat().st_size - 2 * 4096)
        error = self.train(self.path, 6, code=1)
        self.assertIn("No space left on device", error)
        self.assertIn(str(self.checkpoint), error)
        self.assertEqual(self.checkpoint.read_bytes(), before)
        self.filler.unlink()
        stray = self.run_folder / ".checkpoint.safetensors.assay-tmp-4000000-1"
        stray.write_bytes(before[:1000])
        self.assert_goes_on_to_the_same_end()
        self.assertFalse(stray.exists())

    def test_a_disk_that_takes_no_writes(self):
        self.mount()
        self.train(self.path, 2)
        before = self.checkpoint.read_bytes()
        subprocess.run(["mount", "-o", "remount,ro", self.run_folder], check=True)
        error = self.train(self.path, 6, code=1)
        self.assertIn("Read-only file system", error)
        self.assertIn(str(self.run_folder), error)
        self.assertEqual(self.checkpoint.read_bytes(), before)
        subprocess.run(["mount", "-o", "remount,rw", self.run_folder], check=True)
        self.assert_goes_on_to_the_same_end()


if __name__ == "__main__":
    enter_namespace()
    unittest.main()
