# SPDX-License-Identifier: Apache-2.0
"""Tables of the results, and the page RESULTS.md."""

from workloads import WORKLOADS

PEERS = ("libtorch", "composed", "torchmetrics", "torcheval", "keras")
MEMORY = "percent of libtorch"

INTRODUCTION = """# Benchmark

Made by `script/bench`; the workloads and targets are in [workloads.py](workloads.py).

Every workload's contestants get the same tensors. Their results (with `backward` the gradients
too) are compared first; where they differ by more than the workload's tolerance (2e-4 of the
largest magnitude in float32, 2e-2 in bfloat16, as workloads.py says otherwise) it fails. Then all
run in turns, A B C A B C, and a ratio is the median of the rounds' ratios. Contestants that take
over a second together run in two rounds.

- Cells with two numbers are one thread / all cores.
- `assay` is its median time. A peer's column says how many times assay's time it takes: above 1,
  assay is faster. `limit` says how many times the limit's time assay takes: `sum()` of every input
  once, with `backward` and then allocating and writing the gradient once.
- `forward` runs without gradients, `backward` is forward with backward.
- libtorch is `torch::nn::functional` (Python: `torch.nn.functional`); composed is what an
  experienced user writes of LibTorch's operators; torchmetrics runs without argument checks, its
  fastest. Python calls assay through `torch.classes.assay`.
- Tensors above 32 MiB are measured with a cold heap (glibc maps fresh pages for every tensor: its
  default) and a warm one (the heap keeps its pages).
"""


def duration(microseconds):
    if microseconds < 1000:
        return f"{microseconds:.3g} µs"
    return f"{microseconds / 1000:.3g} ms"


def number(value):
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def figure(row, contestant):
    """What a target is about: a peer's ratio, assay's to the limit, assay's time or memory."""
    if contestant == MEMORY:
        return 100 * row["mebibytes"]["assay"] / row["mebibytes"]["libtorch"]
    times = row["times"]
    if contestant == "microseconds":
        return times["assay"]["microseconds"]
    if contestant == "limit":
        return 1 / times["limit"]["ratio"] if "limit" in times else None
    if contestant == "libraries":
        ratios = [times[name]["ratio"] for name in ("torchmetrics", "torcheval") if name in times]
        return min(ratios, default=None)
    if contestant == "dearest":
        return max(time["ratio"] for name, time in times.items() if name != "assay")
    return times[contestant]["ratio"] if contestant in times else None


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def grouped(rows):
    """Rows that differ in the number of threads only, together."""
    groups = {}
    for row in rows:
        groups.setdefault((row["side"], row["workload"], row["pass"], row["heap"]), []).append(row)
    return groups


def pair(group, contestant, form=number):
    values = [figure(row, contestant) for row in group if "times" in row]
    if not values or any(value is None for value in values):
        return ""
    return " / ".join(form(value) for value in values)


def timing_table(rows):
    columns = [p for p in PEERS if any(p in row.get("times", {}) for row in rows)]
    two_heaps = len({row["heap"] for row in rows}) > 1
    lines = []
    for (_, workload, which, heap), group in grouped(rows).items():
        name = workload.split("/", 1)[1]
        if two_heaps and LARGE[workload]:
            name += f", {heap} heap"
        if errors := [row["error"] for row in group if "error" in row]:
            lines.append([name, which, f"FAILED: {errors[0]}"] + [""] * (len(columns) + 1))
            continue
        lines.append(
            [name, which, pair(group, "microseconds", duration)]
            + [pair(group, peer) for peer in columns]
            + [pair(group, "limit")]
        )
    return table(["workload", "pass", "assay", *columns, "limit"], lines)


def collection_table(rows):
    lines = []
    for (_, workload, which, _), group in grouped(rows).items():
        lines.append([workload.split("/", 1)[1], which, pair(group, "microseconds", duration),
                      pair(group, "dearest", lambda ratio: number(1 / ratio))])
    return table(["collection", "pass", "assay", "times its dearest member"], lines)


def memory_table(rows):
    names = ["assay", *(p for p in PEERS if any(p in row["mebibytes"] for row in rows))]
    return table(
        ["workload", *names],
        [[row["workload"].split("/", 1)[1]] + [f"{row['mebibytes'].get(n, 0):.0f} MiB" for n in names]
         for row in rows],
    )


LARGE = {workload["name"]: workload["large"] for workload in WORKLOADS}
FAMILY = {workload["name"]: workload["family"] for workload in WORKLOADS}
# Contestants whose larger figure is the worse one.
COSTS = ("limit", "microseconds", MEMORY)


def asked_of_limit(row, contestant, asked):
    """How many times the limit's time assay may take, asked to be so many times a peer's speed."""
    if contestant in COSTS:
        return None
    ratios = [figure(row, contestant), figure(row, "limit")]
    return None if None in ratios else ratios[0] / asked * ratios[1]


def judged(rows):
    """(workload, pass, heap, contestant, asked, measured, asked_of_limit, met) for each target."""
    groups = grouped(rows)
    for workload in WORKLOADS:
        for which, targets in workload["targets"].items():
            for contestant, asked in targets.items():
                side = "Python" if contestant in ("keras", "libraries") else "C++"
                for heap in ("cold", "warm"):
                    group = groups.get((side, workload["name"], which, heap), [])
                    measured = [row for row in group if "error" not in row]
                    values = [figure(row, contestant) for row in measured]
                    values = [value for value in values if value is not None]
                    of_limit = [asked_of_limit(row, contestant, asked) for row in measured]
                    of_limit = [value for value in of_limit if value is not None]
                    met = all(v <= asked if contestant in COSTS else v >= asked for v in values)
                    if group:
                        yield (workload["name"], which, heap, contestant, asked, values, of_limit,
                               met and bool(values))


def targets_table(rows):
    """Each target beside what was measured, those that are missed first."""
    lines = []
    for workload, which, heap, contestant, asked, values, of_limit, met in judged(rows):
        name = workload + (f", {heap} heap" if LARGE[workload] else "")
        bound = "at most" if contestant in COSTS else "at least"
        measured = " / ".join(map(number, values)) or "failed"
        lines.append([name, which, contestant, f"{bound} {asked}", " / ".join(map(number, of_limit)),
                      measured, "yes" if met else "no"])
    lines.sort(key=lambda line: line[-1])
    met = sum(line[-1] == "yes" for line in lines)
    header = ["workload", "pass", "against", "asked", "which is, of the limit", "measured", "met"]
    return (f"{met} of {len(lines)} targets are met. What is asked against a peer is said in times the "
            "limit too: below\n1 it is less than reading the inputs takes (and, with backward, writing "
            "the gradient), about 1 leaves\nnothing for arithmetic.\n\n" + table(header, lines))


def profiles_table(profiles):
    return table(["workload", "pass", "share of the time, function, library"],
                 [[p["workload"], p["pass"], "<br>".join(p["functions"])] for p in profiles])


def tables(results):
    """All but the introduction."""
    parts = []
    rows = results["rows"]
    if any(w["targets"] and w["name"] in {row["workload"] for row in rows} for w in WORKLOADS):
        parts += ["## Targets", targets_table(rows)]
    for family in dict.fromkeys(FAMILY[row["workload"]] for row in rows):
        title = family.replace("_", " ").capitalize()
        for side in ("C++", "Python"):
            timed = [row for row in rows if row["side"] == side and FAMILY[row["workload"]] == family
                     and row["pass"] != "peak_memory"]
            if timed:
                parts += [f"## {title}, {side}",
                          collection_table(timed) if family == "collection" else timing_table(timed)]
    if memory := [row for row in rows if "mebibytes" in row]:
        parts += ["## Peak memory", "What forward with backward adds to the resident memory, the "
                  "gradient included.", memory_table(memory)]
    if compile_time := results.get("compile_time"):
        parts += ["## Compile time",
                  f"`<{compile_time['base']}>` takes {compile_time['base_seconds']:.2f} s to compile; "
                  f"`<{compile_time['added']}>` adds {compile_time['added_seconds']:.2f} s to it (asked: "
                  f"under {compile_time['target_seconds']:.0f} s)."]
    return "\n\n".join(parts) + "\n"


def page(results):
    machine = table(["", ""], [[key, str(value)] for key, value in results["machine"].items()])
    minutes = f"The run took {results['minutes']} minutes, builds aside."
    parts = [INTRODUCTION.strip(), "## Machine", machine, minutes, tables(results).strip()]
    if profiles := results.get("profiles"):
        parts += ["## Where the time goes", "Of assay alone, on one thread, for each target that is "
                  "missed: what `perf` saw most often.", profiles_table(profiles)]
    return "\n\n".join(parts) + "\n"
