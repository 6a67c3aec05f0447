"""Spelling things in C."""

import textwrap

WIDTH = 100
C_TYPES = {"int": "int64_t", "real": "double", "text": "struct flagship_text", "json": "struct flagship_json"}
GENERATED = "/* SPDX-License-Identifier: MIT */\n/* Generated from specifications/mqtt.stf by tools/stfc: change it there. */"


def string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?")
    return f'"{escaped}"'


def comment(text: str, indent: str = "") -> list:
    text = text.replace("*/", "* /").replace("/*", "/ *")
    one_line = f"{indent}/* {text} */"
    if len(one_line.expandtabs(8)) <= WIDTH:
        return [one_line]
    room = WIDTH - len(indent.expandtabs(8)) - 3
    return [f"{indent}/*"] + [f"{indent} * {line}" for line in textwrap.wrap(text, room)] + [f"{indent} */"]


def struct_name(message) -> str:
    return f"struct flagship_{message.name}"


def presence_bit(message, field) -> str:
    return f"FLAGSHIP_{message.name.upper()}_HAS_{field.c_name.upper()}"
