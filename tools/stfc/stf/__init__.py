# SPDX-License-Identifier: MIT
"""The compiler of .stf specifications."""
