#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes a C array of a file: embed.py NAME FILE OUT.c"""

import pathlib
import sys

BYTES_A_LINE = 16


def main(name, source, out):
    data = pathlib.Path(source).read_bytes()
    lines = [", ".join(map(str, data[at:at + BYTES_A_LINE])) + "," for at in range(0, len(data), BYTES_A_LINE)]
    pathlib.Path(out).write_text(f"#include <stddef.h>\n\nextern const char {name}[];\nextern const size_t {name}_length;\n"
                                 f"const char {name}[] = {{\n" + "\n".join(lines) + f"\n0}};\nconst size_t {name}_length = {len(data)};\n",
                                 encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
