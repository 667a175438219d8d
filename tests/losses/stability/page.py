# SPDX-License-Identifier: Apache-2.0
"""docs/stability.md from what was measured."""

import json
import math
from importlib.metadata import version

import mpmath

HEAD = """# Stability

How far losses are from the truth where a formula computed as it is written down fails: at large
logits, certain probabilities, long rows, narrow types, masks, nothing at all.

The truth is the documented formula on the same inputs, computed in 120 digits with mpmath (rows of
a million in float64). Beside it stand Keras {keras} on PyTorch, `torch.nn.functional` of PyTorch
{torch}, and assay. Each gets the same tensors and returns their type: Keras with `dtype` set to it,
since by default it computes and returns float32. A number is the largest error of the case's values
in units in the last place of that type; 0.5 and less is the correctly rounded result.

`NaN` and `inf` stand where the truth is a finite number, `error` where the call fails, `-` where a
library has no such loss, or has another formula there. Where assay keeps a reference on purpose,
the note says so. assay is nowhere the worst: where another library has the loss, an error at least
as large as assay's stands beside it. (Errors of 0.498 and 0.502 are the same: the truth lies midway
between two numbers, to a hundredth of a unit, and one is as good as the other.) It is nowhere NaN,
nor are its gradients where the type can hold them.

`tests/losses/test_stability.py` measures this page again and fails where one of these is not so, or
where the page is out of date; with `--write` it writes the page. Errors of a few units depend on
the processor's vector instructions: there the test takes other small numbers too.
"""

COLUMNS = "| loss | case | truth | Keras | torch | assay | note |\n|---|---|---|---|---|---|---|"


def units(error):
    if error is None:
        return "-"
    if isinstance(error, str):
        return error
    if math.isnan(error):
        return "NaN"
    if math.isinf(error):
        return "inf"
    if error == 0 or error < 0.005:
        return "0"
    if error < 1:
        return f"{error:.2g}"
    if error < 1000:
        return f"{math.ceil(error * 10) / 10:.1f}" if error < 10 else f"{math.ceil(error)}"
    return f"{error:.0e}".replace("e+0", "e").replace("e+", "e")


def number(x):
    return mpmath.nstr(mpmath.mpf(x), 3, min_fixed=-3, max_fixed=5).removesuffix(".0")


def truth(values):
    """The first values, as many as say what the case is about."""
    shown = ", ".join(number(x) for x in values[:4])
    return shown + (", .." if len(values) > 4 else "")


def options(config):
    shown = {k: v for k, v in config.items() if k not in ("axis", "reduction", "from_logits")}
    return ", ".join(f"{k} {json.dumps(v)}" for k, v in shown.items())


def row(case, measured):
    what = case.what
    if case.config.get("from_logits") and "logits" not in what:
        what += ", logits"
    given = options(case.config)
    cells = [case.loss, what + (f" ({given})" if given else ""), truth(measured.truth)]
    cells += [units(measured.errors[name]) for name in ("keras", "torch", "assay")]
    return "| " + " | ".join([*cells, case.note]) + " |"


def page(tables):
    """`tables`: pairs of a title and of (case, measured)."""
    versions = {"keras": version("keras"), "torch": version("torch").split("+")[0]}
    parts = [HEAD.format(**versions)]
    for title, rows in tables:
        lines = [row(*measured) for measured in rows]
        parts.append(f"## {title}\n\n{COLUMNS}\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def is_close(cell, other):
    """Errors that may be the same loss measured on two processors."""
    try:
        a, b = float(cell), float(other)
    except ValueError:
        return False
    return abs(a - b) <= 3 or max(a, b) <= 4 * min(a, b)


def differences(committed, measured):
    """Lines of the committed page that the measured one does not confirm."""
    committed, measured = committed.splitlines(), measured.splitlines()
    if len(committed) != len(measured):
        return [f"{len(committed)} lines are committed, {len(measured)} were measured"]
    found = []
    for ours, theirs in zip(committed, measured):
        cells = list(zip(ours.split("|"), theirs.split("|")))
        same = ours.count("|") == theirs.count("|") and all(
            a == b or (i in (4, 5, 6) and is_close(a, b)) for i, (a, b) in enumerate(cells)
        )
        if not same:
            found.append(f"committed: {ours}\nmeasured:  {theirs}")
    return found
