# SPDX-License-Identifier: Apache-2.0
"""A project that has assay from FetchContent, and so by add_subdirectory, compiles the quick start.

The library itself is not built a second time: the program is linked with the one that is there, by
the link line of that project."""
import os
import pathlib
import shlex
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
BUILD = pathlib.Path(os.environ["ASSAY_BUILD"])


def run(*command, **options):
    done = subprocess.run(command, text=True, capture_output=True, **options)
    assert done.returncode == 0, " ".join(map(str, command)) + "\n" + done.stdout + done.stderr
    return done.stdout


class Fetched(unittest.TestCase):
    def test_a_project_that_fetches_assay_from_a_folder_compiles_links_and_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            build = pathlib.Path(folder, "build")
            run("cmake", "-G", "Ninja", "-S", HERE / "fetched", "-B", build,
                f"-DASSAY_SOURCE={HERE.parents[1]}", f"-DTorch_DIR={os.environ['ASSAY_TORCH_DIR']}",
                f"-DCMAKE_CXX_COMPILER={os.environ['ASSAY_CXX']}", "-DCMAKE_BUILD_TYPE=Release")

            targets = run("ninja", "-C", build, "-t", "targets", "all")
            self.assertFalse("test_losses:" in targets)  # nor is a warning the other project's error
            self.assertFalse("-Werror" in (build / "build.ninja").read_text(encoding="utf-8"))

            inputs = run("ninja", "-C", build, "-t", "query", "program").splitlines()
            object_file = next(line.strip() for line in inputs if line.endswith(".o"))
            run("ninja", "-C", build, object_file)
            commands = run("ninja", "-C", build, "-t", "commands", "-s", "program")
            link = shlex.split(commands.splitlines()[-1])
            library = next(word for word in link if "libassay.so" in word)
            link = [str(BUILD / "libassay.so") if word == library else word for word in link]
            run("sh", "-c", " ".join(word if word in ("&&", ":") else shlex.quote(word)
                                     for word in link), cwd=build)
            self.assertIn("accuracy", run(build / "program", cwd=folder,
                                          env={**os.environ, "LD_LIBRARY_PATH": str(BUILD)}))


if __name__ == "__main__":
    unittest.main()
