# SPDX-License-Identifier: Apache-2.0
"""Runs test_ranks, whose tests each rank runs at once, on 2, 3 and 4 processes."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import torchrun  # noqa: E402

if not torchrun.RANKS.exists():
    sys.exit(77)  # assay was built without c10d


class Ranks(unittest.TestCase):
    def check(self, processes):
        done = torchrun.run(processes, torchrun.RANKS)
        self.assertEqual(done.returncode, 0, done.stdout[-8000:] + done.stderr[-8000:])
        self.assertIn("[  PASSED  ]", done.stdout)

    def test_2_processes(self):
        self.check(2)

    def test_3_processes(self):
        self.check(3)

    def test_4_processes(self):
        self.check(4)


if __name__ == "__main__":
    unittest.main()
