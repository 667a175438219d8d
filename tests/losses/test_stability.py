# SPDX-License-Identifier: Apache-2.0
"""docs/stability.md: measured again, and what it promises. `--write` writes it.

The environment's ASSAY_LIBRARY is the library (libassay.so). Exit status 77 where it, torch or
keras is missing.
"""

import math
import os
import pathlib
import sys
import unittest
import warnings

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "stability.md"
LIBRARY = os.environ.get("ASSAY_LIBRARY", "")

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
try:
    import keras  # noqa: F401
    import torch
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)
if not pathlib.Path(LIBRARY).is_file():
    print(f"skipped: ASSAY_LIBRARY is '{LIBRARY}', which is no library")
    sys.exit(77)
torch.ops.load_library(LIBRARY)

from stability.cases import TABLES  # noqa: E402
from stability.measure import has_nan_gradient, measure  # noqa: E402
from stability.page import differences, page  # noqa: E402


def measured_tables():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [(title, [(case, measure(case)) for case in make()]) for title, make in TABLES]


class Stability(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tables = measured_tables()

    def each(self, check):
        for title, rows in self.tables:
            for case, measured in rows:
                with self.subTest(table=title, loss=case.loss, case=case.what, config=case.config):
                    check(case, measured)

    def test_assay_is_finite_where_the_truth_is(self):
        self.each(lambda case, m: self.assertTrue(math.isfinite(m.errors["assay"]), m.errors))

    def test_assay_is_never_the_worst(self):
        self.each(lambda case, m: self.assertFalse(m.is_worst, m.errors))

    def test_gradients_of_assay_are_never_nan(self):
        self.each(lambda case, m: self.assertFalse(has_nan_gradient(case)))

    def test_the_page_is_up_to_date(self):
        self.assertEqual(differences(PAGE.read_text(), page(self.tables)), [])


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(measured_tables()))
    else:
        unittest.main()
