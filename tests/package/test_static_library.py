# SPDX-License-Identifier: Apache-2.0
"""A static assay registers what the shared one does: two commands say the same."""
import subprocess
import sys
import unittest

SHARED, STATIC = sys.argv[1:3]


def says(command, *arguments):
    return subprocess.run([command, *arguments], check=True, text=True, capture_output=True).stdout


class StaticLibrary(unittest.TestCase):
    def test_it_lists_the_same_names(self):
        listing = says(STATIC, "list")
        self.assertEqual(listing, says(SHARED, "list"))
        self.assertIn("SparseCategoricalCrossentropy", listing)

    def test_it_makes_and_describes_the_same_things(self):
        for name in ("Huber", "AUC", "Adam", "CosineDecay", "Dense", "CSV", "EarlyStopping"):
            self.assertEqual(says(STATIC, "describe", name), says(SHARED, "describe", name))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
