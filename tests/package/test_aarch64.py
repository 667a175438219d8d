# SPDX-License-Identifier: Apache-2.0
"""The CPU kernels compile for AArch64 and pass their tests there, in an emulated processor."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
EMULATOR = "qemu-aarch64-static"
NEEDED = ("clang++", "aarch64-linux-gnu-ld", EMULATOR)


def run(*command):
    done = subprocess.run(command, text=True, capture_output=True)
    assert done.returncode == 0, " ".join(map(str, command)) + "\n" + done.stdout + done.stderr
    return done.stdout


class AArch64(unittest.TestCase):
    def test_the_kernels_pass_their_tests_on_an_emulated_processor(self):
        with tempfile.TemporaryDirectory() as build:
            run("cmake", "-G", "Ninja", "-S", HERE / "aarch64", "-B", build,
                "-DCMAKE_SYSTEM_NAME=Linux", "-DCMAKE_SYSTEM_PROCESSOR=aarch64",
                "-DCMAKE_CXX_COMPILER=clang++", "-DCMAKE_CXX_COMPILER_TARGET=aarch64-linux-gnu",
                "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_FLAGS_RELEASE=-O1",
                f"-DHWY_INCLUDE={os.environ['ASSAY_HWY_INCLUDE']}")
            run("cmake", "--build", build)
            self.assertIn("PASSED", run(EMULATOR, f"{build}/test_kernels", "--gtest_brief=1"))


if __name__ == "__main__":
    missing = [tool for tool in NEEDED if not shutil.which(tool)]
    if missing:
        print("skipped: this machine has no " + ", ".join(missing))
        sys.exit(77)
    unittest.main()
