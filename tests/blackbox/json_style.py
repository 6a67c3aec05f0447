# SPDX-License-Identifier: MIT
"""What docs/json.md says of the JSON of each command, and whether output is so."""

import json
import pathlib
import re

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "json.md"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")


def sections():
    """{command: {member: type}}; a heading names the commands that it is about."""
    found, commands = {}, []
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            commands = re.findall(r"`([^`]+)`", line)
            for command in commands:
                assert command not in found, f"{command} has two sections"
                found[command] = {}
        elif row := re.match(r"\| `([^`]+)` \| ([^|]+) \|", line):
            for command in commands:
                found[command][row.group(1)] = row.group(2).strip()
    return found


DOCUMENTED = sections()


def fits(value, kind):
    """Whether a value is of a type as the document has it: "text or null", "as `status`"."""
    kind = kind.split(", not always")[0]
    if value is None:
        return kind.endswith(" or null") or kind == "anything"
    kind = kind.removesuffix(" or null")
    if kind == "time":
        return isinstance(value, str) and bool(TIME.fullmatch(value))
    if kind == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    expected = {"text": str, "true or false": bool, "object": dict, "list": list}
    if kind in expected:
        return isinstance(value, expected[kind])
    if words := re.fullmatch(r"one of (.*)", kind):
        return value in [word.strip() for word in words.group(1).split(",")]
    return kind == "anything" or kind.startswith("as ")


def walk(value, path=""):
    """(member, value) of everything in an object: "job.name", "printers[].serial"."""
    if isinstance(value, dict):
        for key, inner in value.items():
            name = f"{path}.{key}" if path else key
            yield name, inner
            yield from walk(inner, name)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict):
                yield from walk(inner, f"{path}[]" if path else "")


def complaints(command, value):
    """What of this object is not as the document says."""
    documented = DOCUMENTED[command]
    wrong = []
    seen = set()
    for name, inner in walk(value):
        kind = documented.get(name)
        if kind is None:
            outer = next((o for o in documented if name.startswith((f"{o}.", f"{o}[]")) and documented[o].startswith(("as ", "anything"))), None)
            if outer is None and "*" not in documented:
                wrong.append(f"{name} is not documented")
            continue
        seen.add(name)
        if not fits(inner, kind):
            wrong.append(f"{name} is {json.dumps(inner)}, not {kind}")
        if kind.startswith("as `") and isinstance(inner, dict):
            wrong += [f"{name}: {w}" for w in complaints(kind.split("`")[1], inner)]
    for name, kind in documented.items():
        parent = name.rpartition(".")[0]
        there = not parent or any(True for n, v in walk(value) if n == parent.removesuffix("[]") and v)
        if name not in seen and "not always" not in kind and there:
            wrong.append(f"{name} is missing")
    return wrong


def check(command, text):
    """Every line of the text is JSON as the document says of the command. Returns how many objects there were."""
    count = 0
    for line in text.splitlines():
        value = json.loads(line)
        for item in value if isinstance(value, list) else [value]:
            assert complaints(command, item) == [], f"{command}: {json.dumps(item)}"
            count += 1
    return count
