# SPDX-License-Identifier: Apache-2.0
"""Reports of a run and of two in a headless Chromium: they are drawn, in light and in dark, and fit
their windows."""
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import experiments  # noqa: E402

BROWSER = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium",
                                              "chromium-browser", "google-chrome"))), None)
# The colours of the page's style (training/report/html.cpp): its back, and those of the first two
# lines, which are training and validation or two runs.
LIGHT = {"back": (0xff, 0xff, 0xff), "first": (0x25, 0x63, 0xeb), "second": (0xd9, 0x77, 0x06)}
DARK = {"back": (0x14, 0x17, 0x1a), "first": (0x60, 0xa5, 0xfa), "second": (0xfb, 0xbf, 0x24)}
# The page in a frame as wide as a phone or a desktop; how far it reaches beyond goes into the title.
FRAME = """<!doctype html><body><iframe src="{page}" width="{width}" height="800"></iframe>
<script>onload = () => {{ const page = document.querySelector("iframe").contentDocument;
  document.title = "beyond " + (page.documentElement.scrollWidth - {width}); }}</script>"""


def pixels(png):
    """(width, height, rows of RGB or RGBA bytes, bytes of a pixel) of a PNG with 8 bits a channel."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed = 8, b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        body = png[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert depth == 8 and color in (2, 6) and interlaced == 0
        elif kind == b"IDAT":
            packed += body
        at += length + 12
    size = 3 if color == 2 else 4
    data, stride = zlib.decompress(packed), width * size
    rows, above = [], bytearray(stride)
    for y in range(height):
        start = y * (stride + 1)
        row = unfiltered(data[start], bytearray(data[start + 1:start + 1 + stride]), above, size)
        rows.append(row)
        above = row
    return width, height, rows, size


def unfiltered(method, row, above, size):
    if method == 0:
        return row
    for i, value in enumerate(row):
        left = row[i - size] if i >= size else 0
        up = above[i]
        corner = above[i - size] if i >= size else 0
        if method == 1:
            guess = left
        elif method == 2:
            guess = up
        elif method == 3:
            guess = (left + up) // 2
        else:
            near = left + up - corner
            guess = min((left, up, corner), key=lambda c: abs(near - c))
        row[i] = (value + guess) & 0xff
    return row


def colors(png):
    """How many pixels have each colour."""
    width, _, rows, size = pixels(png)
    counts = {}
    for row in rows:
        for x in range(width):
            color = tuple(row[x * size:x * size + 3])
            counts[color] = counts.get(color, 0) + 1
    return counts


@unittest.skipUnless(BROWSER, "no chromium on this machine: the report is not looked at")
class ReportInABrowser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)
        path = experiments.make(cls.folder / "blobs")
        runs = [path.parent / "run", path.parent / "other"]
        for folder, rate in zip(runs, ("0.005", "0.02")):
            run = experiments.assay("train", path, "-q", "--epochs", 3, "--output", folder, "--set",
                                    f"optimizer.config.learning_rate={rate}")
            assert run.returncode == 0, run.stderr
        cls.pages = {"one run": runs[0] / "report.html", "two runs": path.parent / "both.html"}
        run = experiments.assay("report", *runs, "-o", cls.pages["two runs"])
        assert run.returncode == 0, run.stderr

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def browser(self, *arguments):
        # The browser is not what a sanitizer that is loaded into this program looks at.
        environment = {name: os.environ[name] for name in os.environ if name != "LD_PRELOAD"}
        return subprocess.run(
            [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--allow-file-access-from-files", f"--user-data-dir={self.folder}/profile",
             "--virtual-time-budget=5000", *arguments],
            check=True, capture_output=True, timeout=300, env=environment)

    def check_drawn(self, scheme, palette):
        for name, page in self.pages.items():
            with self.subTest(page=name):
                target = self.folder / "page.png"
                self.browser(f"--screenshot={target}", "--window-size=900,1200",
                             f"--blink-settings=preferredColorScheme={scheme}", page.as_uri())
                counts = colors(target.read_bytes())
                self.assertEqual(max(counts, key=counts.get), palette["back"])
                for line in ("first", "second"):
                    self.assertGreater(counts.get(palette[line], 0), 200, line)

    def test_is_drawn_in_light(self):
        self.check_drawn(1, LIGHT)

    def test_is_drawn_in_dark(self):
        self.check_drawn(0, DARK)

    def test_fits_a_phone_and_a_desktop(self):
        for name, page in self.pages.items():
            for width in (360, 1280):
                with self.subTest(page=name, width=width):
                    frame = page.parent / "frame.html"
                    frame.write_text(FRAME.format(page=page.name, width=width), encoding="utf-8")
                    shown = self.browser("--window-size=1400,900", "--dump-dom",
                                         frame.as_uri()).stdout
                    self.assertIn(b"<title>beyond 0</title>", shown)

    def test_runs_of_one_experiment_are_told_apart(self):
        text = self.pages["two runs"].read_text(encoding="utf-8")
        for folder in ("run", "other"):
            self.assertIn(f"<th>blobs ({folder})</th>", text)


if __name__ == "__main__":
    unittest.main()
