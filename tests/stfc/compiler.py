# SPDX-License-Identifier: MIT
"""Where things are, and the compiler as a program and as a module."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "stfc"
STFC = TOOL / "stfc.py"
SPECIFICATION = ROOT / "specifications" / "mqtt.stf"
SPECIFICATIONS = sorted((ROOT / "specifications").glob("*.stf"))

sys.dont_write_bytecode = True
sys.path.insert(0, str(TOOL))


def run_stfc(*arguments, **options):
    command = [sys.executable, str(STFC), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, timeout=60, **options)
