# SPDX-License-Identifier: Apache-2.0
"""The README says what is so: its programs are the ones that run, its table is `assay list`."""
import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).parents[2]
COMMAND = os.environ.get("ASSAY_COMMAND", str(ROOT / "build/tools/assay"))
README = (ROOT / "README.md").read_text()


def names(kind):
    listing = subprocess.run([COMMAND, "list", kind], check=True, text=True, capture_output=True)
    return [line.split()[0] for line in listing.stdout.splitlines()]


class Readme(unittest.TestCase):
    def test_the_quick_start_is_made_of_pieces_of_the_program_that_a_test_runs(self):
        program = (ROOT / "examples/quick_start.cpp").read_text()
        block = re.search(r"```cpp\n(.*?)```", README, re.S).group(1)
        at = 0
        for piece in block.strip("\n").split("\n\n"):
            found = program.find(piece, at)
            self.assertGreaterEqual(found, 0, f"not in examples/quick_start.cpp, or moved:\n{piece}")
            at = found + len(piece)

    def test_the_table_names_everything_that_assay_list_names(self):
        rows = dict(re.findall(r"^\| (\w+) \| (.*) \|$", README, re.M))
        rows.pop("`assay list`", None)
        for kind in ("losses", "metrics", "optimizers", "schedules", "layers", "datasets",
                     "callbacks"):
            self.assertEqual(rows[kind].split(", "), names(kind), kind)

    def test_the_pages_are_listed(self):
        for page in sorted((ROOT / "docs").glob("*.md")):
            self.assertIn(f"](docs/{page.name})", README.split("## Pages")[1])

    def test_every_file_that_it_links_to_or_names_exists(self):
        linked = re.findall(r"\]\(((?!https?:)[^)#]+)\)", README)
        named = re.findall(r"\b((?:examples|script)/[\w./]+\w)", README)
        for path in linked + named:
            self.assertTrue((ROOT / path).exists(), path)


if __name__ == "__main__":
    unittest.main()
