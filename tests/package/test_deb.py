# SPDX-License-Identifier: Apache-2.0
"""The Debian packages install on a clean root, where the command trains; and leave nothing behind.

The root is Debian's smallest with the packages that ours say they depend on. LibTorch is no Debian
package: its folder is mounted where it was when assay was built."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).parents[2]
BUILD = pathlib.Path(os.environ["ASSAY_BUILD"])
TORCH = os.environ["ASSAY_TORCH_PREFIX"]
SUITE = "bookworm"  # whose libraries this build is linked with
MIRROR = "http://deb.debian.org/debian"


def run(*command, **options):
    done = subprocess.run(command, text=True, capture_output=True, **options)
    assert done.returncode == 0, " ".join(map(str, command)) + "\n" + done.stdout + done.stderr
    return done.stdout


def field(package, name):
    return run("dpkg-deb", "-f", package, name).strip()


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.folder.name)
        run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", folder / "packages")
        cls.packages = {field(path, "Package"): path for path in (folder / "packages").glob("*.deb")}
        cls.clean = folder / "root"

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def inside(self, *command):
        """Runs a command in the clean root, with LibTorch mounted for as long as it takes."""
        mounted = f"{self.clean}{TORCH}"
        pathlib.Path(mounted).mkdir(parents=True, exist_ok=True)
        script = 'mount --bind "$1" "$2"; shift 2; exec chroot "$@"'
        return run("unshare", "--mount", "sh", "-ec", script, "sh", TORCH, mounted, self.clean,
                   *command, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"})

    def test_fields_and_contents(self):
        self.assertEqual(set(self.packages), {"libassay0.1", "libassay-dev", "assay"})
        for package in self.packages.values():
            self.assertEqual(field(package, "Version"), "0.1.0")
            self.assertIn("LibTorch", field(package, "Description"))
        for name in ("assay", "libassay-dev"):
            self.assertIn("libassay0.1 (= 0.1.0)", field(self.packages[name], "Depends"))
        self.assertIn("nlohmann-json3-dev", field(self.packages["libassay-dev"], "Depends"))
        for library in ("libc6", "libstdc++6", "libhwy1", "zlib1g"):
            self.assertIn(library, field(self.packages["libassay0.1"], "Depends"))
        contents = {name: set(re.findall(r" \./(\S*[^/\s])(?: -> .*)?$", run("dpkg-deb", "-c", path),
                                         re.M)) for name, path in self.packages.items()}
        self.assertEqual(contents["assay"], {"usr/bin/assay"})
        self.assertEqual(contents["libassay0.1"],
                         {"usr/lib/libassay.so.0.1", "usr/lib/libassay.so.0.1.0"})
        for path in ("include/assay/assay.h", "include/assay/losses/huber.h", "lib/libassay.so",
                     "lib/cmake/assay/assayConfig.cmake", "lib/pkgconfig/assay.pc"):
            self.assertIn(f"usr/{path}", contents["libassay-dev"])

    def test_the_command_works_on_a_clean_root(self):
        needed = {re.match(r"[^\s(]+", part).group() for name in ("assay", "libassay0.1")
                  for part in field(self.packages[name], "Depends").split(", ")} - {"libassay0.1"}
        run("debootstrap", "--variant=minbase", f"--include={','.join(sorted(needed))}", SUITE,
            self.clean, MIRROR)
        before = self.files()
        for name in ("libassay0.1", "assay"):
            shutil.copy(self.packages[name], self.clean / "tmp")
        shutil.copytree(ROOT / "examples/digits", self.clean / "tmp/digits")
        self.inside("sh", "-c", "dpkg -i /tmp/*.deb")
        self.assertEqual(self.inside("assay", "list"), run(BUILD / "tools/assay", "list"))
        said = self.inside("assay", "train", "/tmp/digits/experiment.json", "--set",
                           "fit.epochs=1", "--set", "output=/tmp/run")
        self.assertIn("test: loss", said)
        self.inside("dpkg", "-P", "assay", "libassay0.1")
        self.assertEqual(self.files(), before)

    def files(self):
        # Logs, and what ldconfig and dpkg keep, change with every package.
        return {str(path.relative_to(self.clean)) for part in ("usr", "opt", "etc")
                for path in (self.clean / part).rglob("*") if not path.is_relative_to(
                    f"{self.clean}{TORCH}")}


def missing():
    if os.geteuid() != 0:
        return "not root, who alone makes a clean root"
    for tool in ("debootstrap", "dpkg-deb", "dpkg-shlibdeps", "unshare"):
        if not shutil.which(tool):
            return f"this machine has no {tool}"
    try:
        urllib.request.urlopen(f"{MIRROR}/dists/{SUITE}/InRelease", timeout=20).close()
    except OSError as error:
        return f"{MIRROR} cannot be reached: {error}"
    return None


if __name__ == "__main__":
    reason = missing()
    if reason:
        print("skipped: " + reason)
        sys.exit(77)
    unittest.main()
