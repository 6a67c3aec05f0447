# SPDX-License-Identifier: MIT
"""A home folder with the store of flagship in it."""

import json
import stat

from program import run


class Home:
    def __init__(self, folder):
        self.folder = folder
        self.store = folder / ".local" / "state" / "flagship" / "accounts.json"

    def run(self, *arguments, **more):
        return run(*arguments, HOME=self.folder, **more)

    def accounts(self):
        """Of the store, by user id; the store's mode is checked on the way."""
        if not self.store.exists():
            return {}
        assert stat.S_IMODE(self.store.stat().st_mode) == 0o600
        return {account["user_id"]: account for account in json.loads(self.store.read_text())["accounts"]}

    def settings(self, text):
        path = self.folder / ".config" / "flagship" / "flagship.conf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
