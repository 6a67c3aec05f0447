# SPDX-License-Identifier: MIT
"""Programs of others, as they are installed by people, against the built gateway."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "blackbox"))
