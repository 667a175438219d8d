# SPDX-License-Identifier: Apache-2.0
"""`cmake --install`, then another project that finds assay builds and runs the quick start."""
import os
import pathlib
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
BUILD = os.environ["ASSAY_BUILD"]


def run(*command, **options):
    done = subprocess.run(command, text=True, capture_output=True, **options)
    assert done.returncode == 0, " ".join(map(str, command)) + "\n" + done.stdout + done.stderr
    return done.stdout


class Install(unittest.TestCase):
    def test_a_project_that_finds_the_installed_assay_builds_and_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            prefix, build = pathlib.Path(folder) / "prefix", pathlib.Path(folder) / "build"
            run("cmake", "--install", BUILD, "--prefix", prefix)
            # Headers that reach back into the source tree would be found there.
            for header in (prefix / "include").rglob("*"):
                self.assertFalse(header.is_symlink(), header)
            run("cmake", "-G", "Ninja", "-S", HERE / "consumer", "-B", build,
                f"-DCMAKE_PREFIX_PATH={prefix}", f"-DTorch_DIR={os.environ['ASSAY_TORCH_DIR']}",
                f"-DCMAKE_CXX_COMPILER={os.environ['ASSAY_CXX']}", "-DCMAKE_BUILD_TYPE=Debug")
            run("cmake", "--build", build)
            self.assertIn("accuracy", run(build / "program", cwd=folder))
            self.assertIn("losses", run(prefix / "bin/assay", "list"))


if __name__ == "__main__":
    unittest.main()
