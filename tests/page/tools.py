# SPDX-License-Identifier: MIT
"""Programs of npm that look at the page, as tests/page/package.json pins them: kept outside of the tree, for all trees."""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE / "package.json"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "flagship"
FOLDER = CACHE / f"page-tools-{hashlib.sha256(PACKAGE.read_bytes()).hexdigest()[:12]}"
INSTALLED = FOLDER / "installed"
NODE_MIN = (20, 19)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# The same Chromium without the program around the pages, which takes a third of the processor's time.
SHELLS = ("chromium-headless-shell",)


def browser(whole=True):
    """whole: with all that a page may ask of more than pages: permissions, messages."""
    names = BROWSERS if whole else (*SHELLS, *BROWSERS)
    return next((path for name in names if (path := shutil.which(name))), None)


def install():
    """Why not; None where all is there now. Several who want it at once wait for the first."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if INSTALLED.exists():
            return None
        shutil.copy(PACKAGE, FOLDER)
        npm = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=FOLDER, capture_output=True, text=True, check=False)
        if npm.returncode:
            return f"npm install failed: {npm.stderr.strip()[-300:]}"
        INSTALLED.touch()
    return None


def why_no_node():
    if missing := [program for program in ("node", "npm") if not shutil.which(program)]:
        return f"{', '.join(missing)}: apt install nodejs npm"
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if tuple(map(int, version.removeprefix("v").split(".")[:2])) < NODE_MIN:
        return f"node {version} is too old: {NODE_MIN[0]}.{NODE_MIN[1]} is wanted"
    return install()


def why_no_browser():
    return why_no_node() or (None if browser() else "chromium: apt install chromium")


if __name__ == "__main__":
    if why := why_no_browser():
        sys.exit(why)
