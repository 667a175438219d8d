# SPDX-License-Identifier: Apache-2.0
"""Writes the tables of options in docs/experiment.md from `assay schema`.

    docs/make_experiment_options.py [path/to/assay] [--check]

With --check nothing is written; the exit code says whether the page is what it should be.
"""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from make_reference import escaped, option_type  # noqa: E402

HERE = pathlib.Path(__file__).parent
PAGE = HERE / "experiment.md"


def parts(schema):
    """Whether a schema takes a part, a list of them, or null; "" where it takes no parts."""
    kinds = []
    for form in schema.get("anyOf", [schema]):
        if "$ref" in form:
            kinds.append("a part")
        elif "$ref" in form.get("items", {}):
            kinds.append("a list of parts")
        elif form.get("type") == "null":
            kinds.append("null")
    return " or ".join(kinds) if "$ref" in json.dumps(schema) else ""


def table(properties, path=""):
    """A row an option; sections have tables of their own, which follow."""
    lines = ["| option | type | default | |", "|---|---|---|---|"]
    sections = []
    for name, schema in properties.items():
        if name == "$schema":
            continue
        if schema.get("type") == "object" and "properties" in schema:
            sections.append((path + name, schema))
            continue
        kind = parts(schema) or option_type(schema)
        default = schema.get("default")
        lines.append(f"| `{name}` | {escaped(kind)} | "
                     f"{'`' + json.dumps(default) + '`' if default is not None else ''} | "
                     f"{escaped(schema['description'])} |")
    for name, schema in sections:
        lines += ["", f"### `{name}`", "", schema.get("description", ""), "",
                  *table(schema["properties"], name + ".")]
    return lines


def page(command):
    schema = json.loads(subprocess.run([command, "schema"], check=True, text=True,
                                       capture_output=True).stdout)
    begin, end = "<!-- written by make_experiment_options.py -->\n", "<!-- until here -->"
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(begin)
    tail = rest.split(end)[1]
    return head + begin + "\n".join(table(schema["properties"])) + "\n\n" + end + tail


def main():
    arguments = [a for a in sys.argv[1:] if a != "--check"]
    text = page(arguments[0] if arguments else str(HERE.parent / "build/tools/assay"))
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == text:
        return 0
    print("docs/experiment.md is not what docs/make_experiment_options.py writes: run it")
    return 1


if __name__ == "__main__":
    sys.exit(main())
