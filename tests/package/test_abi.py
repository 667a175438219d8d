# SPDX-License-Identifier: Apache-2.0
"""libassay.so has a versioned soname; and script/abi, which compares it with an older one, sees what
breaks programs and nothing else."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parents[2]
LIBRARY = os.environ["ASSAY_LIBRARY"]
CXX = os.environ["ASSAY_CXX"]


def output(*command):
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout


class Library(unittest.TestCase):
    def test_the_soname_has_the_version_within_which_the_abi_stays(self):
        version = re.search(r"project\(assay VERSION (\d+\.\d+)\.\d+",
                            (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")).group(1)
        self.assertIn(f"soname: [libassay.so.{version}]", output("readelf", "-d", LIBRARY))


class Changes(unittest.TestCase):
    def compared(self, old, new):
        return subprocess.run([ROOT / "script/abi", old, new], text=True, capture_output=True,
                              check=False).returncode

    def library(self, folder, name, source):
        path = pathlib.Path(folder, name + ".cpp")
        path.write_text(source, encoding="utf-8")
        output(CXX, "-g", "-shared", "-fPIC", path, "-o", path.with_suffix(".so"))
        return path.with_suffix(".so")

    def test_a_library_is_compatible_with_itself(self):
        self.assertEqual(self.compared(LIBRARY, LIBRARY), 0)

    def test_what_breaks_programs_is_seen(self):
        inner = '[[gnu::visibility("hidden")]] int inner(int a) { return a; }'
        old = f"struct S {{ int a; }}; int f(S& s) {{ return s.a; }} int g() {{ return 1; }} {inner}"
        with tempfile.TemporaryDirectory() as folder:
            before = self.library(folder, "old", old)
            for name, source, breaks in (
                    ("added", old + " int h() { return 2; }", False),
                    ("hidden", old.replace("inner(int a)", "inner(int a, int)"), False),
                    ("removed", old.replace("int g() { return 1; }", ""), True),
                    ("argument", old.replace("g()", "g(int)"), True),
                    ("layout", old.replace("int a;", "double b; int a;"), True)):
                with self.subTest(change=name):
                    code = self.compared(before, self.library(folder, name, source))
                    self.assertEqual(code != 0, breaks)


if __name__ == "__main__":
    if not shutil.which("abidiff"):
        print("skipped: this machine has no abidiff")
        sys.exit(77)
    unittest.main()
