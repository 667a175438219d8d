# SPDX-License-Identifier: Apache-2.0
"""The examples at small size: each trains from its file alone and learns what its README says."""
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from experiments import assay  # noqa: E402

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
TEXT = pathlib.Path("/usr/share/common-licenses/GPL-3")


class Examples(unittest.TestCase):
    def setUp(self):
        self.holder = tempfile.TemporaryDirectory()
        self.addCleanup(self.holder.cleanup)

    def train(self, name, epochs, *changes):
        """(results of the test rows, history) of an example, with some of its epochs."""
        folder = pathlib.Path(self.holder.name) / name
        arguments = [part for change in changes for part in ("--set", change)]
        run = assay("train", EXAMPLES / name / "experiment.json", "-q", "--output", folder,
                    "--epochs", epochs, *arguments)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("learning rate", (folder / "report.html").read_text(encoding="utf-8"))
        results = json.loads((folder / "results.json").read_text(encoding="utf-8"))["test"]
        history = json.loads((folder / "history.json").read_text(encoding="utf-8"))["history"]
        return results, history

    def confusion(self, name):
        """Of the report of an example that was trained: labels by predictions."""
        report = pathlib.Path(self.holder.name) / name / "report.json"
        return json.loads(report.read_text(encoding="utf-8"))["findings"]["confusion"]

    def test_each_folder_has_a_readme_with_its_picture(self):
        folders = [path.parent for path in EXAMPLES.glob("*/experiment.json")]
        self.assertGreaterEqual(len(folders), 4)
        for folder in folders:
            text = (folder / "README.md").read_text(encoding="utf-8")
            self.assertIn(f"assay train examples/{folder.name}/experiment.json", text)
            self.assertRegex(text, r"!\[.*\]\(.*\.png\)", folder.name)

    def test_the_program_in_cpp_has_less_than_sixty_lines_and_a_readme_with_its_picture(self):
        program = (EXAMPLES / "spirals/spirals.cpp").read_text(encoding="utf-8")
        self.assertLess(len(program.splitlines()), 60)
        self.assertIn("![", (EXAMPLES / "spirals/README.md").read_text(encoding="utf-8"))

    def test_digits(self):
        results, _ = self.train("digits", 3)
        self.assertGreater(results["accuracy"], 0.9)

    @unittest.skipUnless(TEXT.exists(), f"no {TEXT}: only Debian's systems have it")
    def test_characters(self):
        results, history = self.train("characters", 3)
        # Guessing by how often a character occurs gives about 20 of 77.
        self.assertLess(results["perplexity"], 13)
        self.assertLess(history["loss"][-1], history["loss"][0])
        counts = self.confusion("characters")
        self.assertEqual(len(counts), 77)
        self.assertGreater(sum(counts[i][i] for i in range(77)) / sum(map(sum, counts)), 0.25)

    def test_segmentation(self):
        results, _ = self.train("segmentation", 8)
        # Calling everything background gives about 0.25.
        self.assertGreater(results["mean_io_u"], 0.5)
        # The report counts the same points as the metric.
        counts = self.confusion("segmentation")
        overlaps = [counts[i][i] / (sum(counts[i]) + sum(row[i] for row in counts) - counts[i][i])
                    for i in range(3)]
        self.assertAlmostEqual(sum(overlaps) / 3, results["mean_io_u"], places=6)

    def test_tumours(self):
        results, _ = self.train("tumours", 15)
        self.assertGreater(results["pr_auc"], 0.7)
        folder = pathlib.Path(self.holder.name) / "tumours"
        run = assay("evaluate", EXAMPLES / "tumours/experiment.json", "--output", folder,
                    "--recall", 0.9, "--json")
        self.assertEqual(run.returncode, 0, run.stderr)
        found = json.loads(run.stdout)
        self.assertEqual(found["test"], results)
        self.assertGreaterEqual(found["threshold_for_recall"]["recall"], 0.6)
        text = assay("evaluate", EXAMPLES / "tumours/experiment.json", "--output", folder,
                     "--recall", 0.9).stdout
        self.assertIn("for a recall of 0.9 on the validation rows", text)
        wrong = assay("evaluate", EXAMPLES / "tumours/experiment.json", "--output", folder,
                      "--recall", 1.5)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("recall is 1.5", wrong.stderr)


if __name__ == "__main__":
    unittest.main()
