# SPDX-License-Identifier: Apache-2.0
"""conanfile.py packages the library that was built, with the system's packages as its requirements, and
packaging/conan builds and runs with what comes of it. No network is used."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parents[2]
BUILD = os.environ["ASSAY_BUILD"]
CONAN = shutil.which("conan", path=f"{ROOT}/.venv/bin{os.pathsep}{os.environ['PATH']}")

# Conan's own way to say that a package of the system serves as a requirement.
PROFILE = """\
[settings]
os=Linux
arch={arch}
compiler={compiler}
compiler.version={version}
compiler.libcxx=libstdc++11
compiler.cppstd=20
build_type=Release
[platform_requires]
nlohmann_json/3.11.2
highway/1.0.3
zlib/1.2.13
xxhash/0.8.1
cli11/2.1.2
[conf]
tools.cmake.cmaketoolchain:generator=Ninja
tools.build:compiler_executables={{"cpp": "{cxx}"}}
tools.cmake.cmaketoolchain:extra_variables={{"Torch_DIR": "{torch}"}}
"""


class Conan(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name in ("conanfile.py", "CMakeLists.txt", "LICENSE"):
            shutil.copy(ROOT / name, self.folder)
        shutil.copytree(ROOT / "packaging/conan", self.folder / "packaging/conan")
        # In place of a build of its own, whose options do not differ in what they make.
        built = self.folder / "build/Release"
        built.mkdir(parents=True)
        (built / "cmake_install.cmake").write_text(f'include("{BUILD}/cmake_install.cmake")\n')
        compiler, version = os.environ["ASSAY_COMPILER"].split()
        (self.folder / "profile").write_text(PROFILE.format(
            arch={"x86_64": "x86_64", "aarch64": "armv8"}[os.uname().machine],
            compiler={"Clang": "clang", "GNU": "gcc"}[compiler], version=version.split(".")[0],
            cxx=os.environ["ASSAY_CXX"], torch=os.environ["ASSAY_TORCH_DIR"]))

    def conan(self, *arguments):
        done = subprocess.run([CONAN, *arguments], text=True, capture_output=True, check=False,
                              cwd=self.folder, env={**os.environ,
                                                    "CONAN_HOME": str(self.folder / "home")})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout, done.stderr

    def test_a_package_of_what_was_built_serves_another_project(self):
        _, log = self.conan("export-pkg", ".", "-pr:a", "profile", "--no-remote")
        self.assertIn("huber is 0.5", log)
        found, _ = self.conan("list", "assay/*:*", "--format=json")
        revisions = json.loads(found)["Local Cache"]["assay/0.1.0"]["revisions"]
        package, = next(iter(revisions.values()))["packages"]
        said, _ = self.conan("cache", "path", f"assay/0.1.0:{package}")
        path = pathlib.Path(said.strip())
        for file in ("licenses/LICENSE", "include/assay/assay.h", "bin/assay"):
            self.assertTrue((path / file).exists(), file)


if __name__ == "__main__":
    if not CONAN:
        print("skipped: this machine has no conan")
        sys.exit(77)
    unittest.main()
