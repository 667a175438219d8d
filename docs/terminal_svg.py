"""Draws the output of a command as an SVG picture of a terminal.

    script/demo 2>&1 | python3 docs/terminal_svg.py "script/demo" > docs/images/demo.svg

A second argument is the width in characters, 100 without it.
"""

import html
import re
import sys

LINE, MARGIN = 18, 16


def main():
    command = sys.argv[1]
    columns = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    # What a progress bar overwrote is not seen in a terminal either.
    lines = [line.split("\r")[-1] for line in sys.stdin.read().rstrip().split("\n")]
    lines = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line)[:columns] for line in lines]
    lines = [f"$ {command}", *lines]
    height = LINE * len(lines) + 2 * MARGIN
    width = int(columns * 7.85) + 2 * MARGIN
    print(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'role="img" aria-label="A terminal running {html.escape(command)}">'
    )
    print('<rect width="100%" height="100%" rx="8" fill="#1b1f27"/>')
    print('<g font-family="ui-monospace,DejaVu Sans Mono,monospace" font-size="13" fill="#d7dce5">')
    for i, line in enumerate(lines):
        colour = ' fill="#7fd1a0"' if i == 0 else ""
        y = MARGIN + LINE * (i + 0.75)
        print(f'<text x="{MARGIN}" y="{y:g}"{colour} xml:space="preserve">{html.escape(line)}</text>')
    print("</g></svg>")


if __name__ == "__main__":
    main()
