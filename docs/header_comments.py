# SPDX-License-Identifier: Apache-2.0
"""Copies headers for doxygen, with what it cannot read by itself as comments.

    docs/header_comments.py build/docs/headers losses metrics

An option is described once, in its struct's field list (core/options/fields.h), from which `assay
describe` and the JSON Schema come too. Here the list's text, and the rule that the value must satisfy,
become the comment of the member. `class_name` and `fields()` of such a struct are that list and what
belongs to it, so they are left out. Lines keep their numbers.
"""
import functools
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEXT = r'"(?:[^"\\]|\\.)*"'
TEXTS = rf"{TEXT}(?:\s*{TEXT})*"


def joined(literals):
    """What the C++ compiler makes of adjacent literals."""
    parts = re.findall(TEXT, literals)
    return "".join(re.sub(r"\\(.)", r"\1", part[1:-1]) for part in parts)


def closing(code, start):
    """Where the bracket that opens at `start` closes."""
    depth = 0
    for token in re.finditer(rf"{TEXT}|[(){{}}]", code[start:]):
        if token.group() in "({":
            depth += 1
        elif token.group() in ")}":
            depth -= 1
            if depth == 0:
                return start + token.start()
    raise ValueError(f"a bracket is not closed: {code[start:start + 60]}")


@functools.cache
def source(path):
    return path.read_text()


@functools.cache
def included(path):
    """The header and all of assay that it includes."""
    found = {}
    waiting = [path]
    while waiting:
        header = waiting.pop()
        if header in found or not header.exists():
            continue
        found[header] = source(header)
        waiting += [ROOT / name for name in re.findall(r"#include <assay/(.*)>", found[header])]
    return list(found.values())


def rule(constraint, path):
    """The text of a constraint, given by its name or written out."""
    literals = re.findall(TEXTS, constraint)
    if literals:
        return joined(literals[-1])
    name = constraint.split("::")[-1]
    for code in included(path):
        definition = re.search(rf"Constraint<[^;{{]*>\s+{name}\s*\{{", code)
        if definition:
            end = closing(code, definition.end() - 1)
            return joined(re.findall(TEXTS, code[definition.end():end])[-1])
    raise ValueError(f"{path}: no constraint {name}")


def listed(code, path):
    """What a field list says of each member."""
    said = {}
    for shared in re.findall(r"(\w+_fields)<", code):
        said |= shared_fields(shared, path)
    for line in re.finditer(rf"\bfield\(\s*{TEXT},\s*&\w+::(\w+),\s*({TEXTS}),?\s*", code):
        end = closing(code, code.index("(", line.start()))
        constraint = code[line.end():end].strip()
        text = joined(line.group(2))
        said[line.group(1)] = f"{text} Must be {rule(constraint, path)}." if constraint else text
    return said


def shared_fields(name, path):
    """The same of the fields that several structs share, such as `loss_fields`."""
    for code in included(path):
        definition = re.search(rf"\b{name}\(\) \{{", code)
        if definition:
            return listed(code[definition.end():closing(code, definition.end() - 1)], path)
    raise ValueError(f"{path}: no {name}")


def with_options(code, path):
    """The header with its option fields commented."""
    pieces = []
    start = 0
    for struct in re.finditer(r"\bstruct \w+[^;{()]*\{", code):
        end = closing(code, struct.end() - 1)
        body = code[struct.end():end]
        fields = re.search(r"^ *static constexpr auto fields\(\) \{", body, re.M)
        if not fields:
            continue
        last = closing(body, fields.end() - 1) + 1
        said = listed(body[fields.start():last], path)
        body = body[:fields.start()] + "\n" * body.count("\n", fields.start(), last) + body[last:]
        body = re.sub(r"^ *static constexpr auto class_name = .*;", "", body, flags=re.M)
        for member, text in said.items():
            comment = escaped(text)
            body = re.sub(rf"^( +)(?=[\w:<>, ]+ {member}(?: = .*|\{{.*)?;)",
                          lambda space: f"{space.group()}/** {comment} */ ", body, count=1, flags=re.M)
        pieces += [code[start:struct.end()], body]
        start = end
    return "".join(pieces) + code[start:]


def escaped(comment):
    """Text of which doxygen takes nothing for a link or HTML; `this` is code."""
    comment = comment.replace("<", "&lt;").replace("::", r"\::")
    # Any other point than one within a name ends doxygen's brief description, and must not end it in code.
    return re.sub(r"`((?:[^`.]|\.(?=\w))+)`", r"<code>\1</code>", comment)


def with_blocks(found):
    """A comment whose indented lines, formulas or code, are shown as they are."""
    text = re.sub(r"^ *///", "", found.group(), flags=re.M)

    def block(lines):
        indent = min(len(line) - len(line.lstrip()) for line in lines.group().split("\n"))
        return "@verbatim " + re.sub(rf"^ {{{indent}}}", "", lines.group(), flags=re.M) + " @endverbatim"

    return "/**" + re.sub(r"^   +\S.*(?:\n   +\S.*)*", block, text, flags=re.M) + " */"


def with_markup(code):
    """The header with comments that doxygen shows as they read here."""
    code = re.sub(r"(?<=///)(<?)(?!   )(.*)", lambda found: found[1] + escaped(found[2]), code)
    commented = r" *///(?!@)"
    blocks = rf"^{commented}(?:.*\n{commented})*   +\S.*(?:\n{commented}.*)*"
    return re.sub(blocks, with_blocks, code, flags=re.M)


def main():
    target = pathlib.Path(sys.argv[1])
    for path in sorted(path for folder in sys.argv[2:] for path in (ROOT / folder).rglob("*.h")):
        copy = target / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(with_markup(with_options(source(path), path)))


if __name__ == "__main__":
    main()
