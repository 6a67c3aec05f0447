# SPDX-License-Identifier: MIT
"""What the tests of the machine came to: summary.py RESULTS LOGS NAME... A test that is skipped there is one that fails."""

import pathlib
import shutil
import sys
import xml.etree.ElementTree as ElementTree


def outcome(case):
    for kind in ("failure", "error", "skipped"):
        if case.find(kind) is not None:
            return kind
    return "passed"


def main(results, logs, *names):
    well = True
    for name in names:
        report = results / f"{name}.xml"
        if not report.exists():
            print(f"vm {name:<9} did not run, see {logs / 'vm-console.log'}")
            well = False
            continue
        for kind in ("xml", "log"):
            shutil.copy(results / f"{name}.{kind}", logs / f"vm-{name}.{kind}")
        suite = next(ElementTree.parse(report).iter("testsuite"))
        outcomes = [outcome(case) for case in suite.iter("testcase")]
        passed, skipped = outcomes.count("passed"), outcomes.count("skipped")
        failed = len(outcomes) - passed - skipped
        print(f"vm {name:<9} {passed} passed, {failed} failed, {skipped} skipped ({float(suite.get('time')):.1f} s), {logs}/vm-{name}.xml")
        well = well and passed > 0 and passed == len(outcomes)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), *sys.argv[3:]))
