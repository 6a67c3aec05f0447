# SPDX-License-Identifier: MIT
"""Clouds as they were after their first commands, to be copied: the same commands give the same cloud, with the same keys.
Two clouds that are there at the same time, or in one test, never come from the same one."""

import atexit
import os
import pathlib
import shutil
import tempfile
import weakref

FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="flagship-test-clouds-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

kept = {}  # folder by place, options and commands
alive = weakref.WeakSet()
in_this_test = {"name": None, "places": set()}


def free_place():
    """The first that no other cloud has."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "").split(" ")[0]
    if in_this_test["name"] != test:
        in_this_test.update(name=test, places=set())
    taken = {template.place for template in alive} | in_this_test["places"]
    place = next(number for number in range(len(taken) + 1) if number not in taken)
    in_this_test["places"].add(place)
    return place


class Template:
    def __init__(self, options):
        self.options = tuple(map(str, options))
        self.place = free_place()
        alive.add(self)

    def keep(self, cloud, done):
        folder = FOLDER / str(len(kept))
        shutil.copytree(cloud.folder, folder)
        kept[self.place, self.options, done] = folder

    def make(self, cloud, steps):
        known = next((count for count in range(len(steps), -1, -1) if (self.place, self.options, tuple(steps[:count])) in kept), None)
        if known is not None:
            shutil.copytree(kept[self.place, self.options, tuple(steps[:known])], cloud.folder)
        cloud.command("init", *cloud.options)  # of a copy: its ports are others
        if known is None:
            self.keep(cloud, ())
        for count, (name, *arguments, stdin) in enumerate(steps, 1):
            if count > (known or 0):
                cloud.command(name, *arguments, stdin=stdin)
                self.keep(cloud, tuple(steps[:count]))
