# SPDX-License-Identifier: Apache-2.0
"""The vcpkg port fits this tree: its manifest, the options it configures with, the files it expects.

vcpkg's own functions are replaced (vcpkg/run_port.cmake): they come with vcpkg."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
PORT = ROOT / "packaging/vcpkg/assay"
BUILD = os.environ["ASSAY_BUILD"]
LISTS = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")


class Port(unittest.TestCase):
    def setUp(self):
        self.manifest = json.loads((PORT / "vcpkg.json").read_text(encoding="utf-8"))

    def test_the_manifest_has_the_projects_name_version_and_description(self):
        name, version = re.search(r"project\((\w+) VERSION ([\d.]+)", LISTS).groups()
        description = re.search(r'DESCRIPTION "(.*)"', LISTS).group(1)
        self.assertEqual([self.manifest[key] for key in ("name", "version", "description")],
                         [name, version, description])

    def test_the_portfile_configures_and_finds_what_is_there(self):
        with tempfile.TemporaryDirectory() as packages:
            done = subprocess.run(
                ["cmake", f"-DPORTFILE={PORT / 'portfile.cmake'}", f"-DBUILD={BUILD}",
                 f"-DPACKAGES={packages}", "-P", HERE / "vcpkg/run_port.cmake"],
                text=True, capture_output=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            said = re.findall(r"^(\w+): (.*)$", done.stderr, re.M)
            for file in ("copyright", "usage"):
                self.assertTrue(pathlib.Path(packages, "share/assay", file).exists(), file)
        source, = (value for key, value in said if key == "source")
        self.assertEqual(pathlib.Path(source), ROOT)
        options = [re.match(r"-D(\w+)=(ON|OFF)$", value).group(1) for key, value in said
                   if key == "option"]
        self.assertGreaterEqual(len(options), 3)
        for option in options:
            self.assertIn(f"option({option} ", LISTS)
        self.assertEqual({value.split("=")[0] for key, value in said if key == "feature"},
                         set(self.manifest["features"]))


if __name__ == "__main__":
    unittest.main()
