# SPDX-License-Identifier: MIT
"""What the web view of eufyMake Studio keeps: the local storage of Chromium (LevelDB) and of WebKit (SQLite)."""

import base64
import contextlib
import ctypes
import ctypes.util
import json
import sqlite3
import urllib.parse

leveldb = ctypes.CDLL(ctypes.util.find_library("leveldb") or "libleveldb.so.1d")
POINTERS = ("options_create", "open", "writeoptions_create")
for name in POINTERS:
    getattr(leveldb, f"leveldb_{name}").restype = ctypes.c_void_p
ORIGIN = b"_https://make-app.ankermake.com\x00\x01"


def value(login):
    """base64 of percent-encoded JSON."""
    return base64.b64encode(urllib.parse.quote(json.dumps(login)).encode())


def chromium(text, wide=False):
    return b"\x00" + text.decode().encode("utf-16-le") if wide else b"\x01" + text


@contextlib.contextmanager
def database(folder):
    """An open LevelDB: yields put(key, value)."""
    folder.mkdir(parents=True, exist_ok=True)
    options = ctypes.c_void_p(leveldb.leveldb_options_create())
    leveldb.leveldb_options_set_create_if_missing(options, 1)
    leveldb.leveldb_options_set_compression(options, 1)  # Snappy, as Chromium has it
    error = ctypes.c_char_p()
    opened = ctypes.c_void_p(leveldb.leveldb_open(options, str(folder).encode(), ctypes.byref(error)))
    assert not error.value, error.value
    write = ctypes.c_void_p(leveldb.leveldb_writeoptions_create())

    def put(key, data):
        leveldb.leveldb_put(opened, write, key, ctypes.c_size_t(len(key)), data, ctypes.c_size_t(len(data)), ctypes.byref(error))
        assert not error.value, error.value

    def compact():
        leveldb.leveldb_compact_range(opened, None, ctypes.c_size_t(0), None, ctypes.c_size_t(0))

    put.compact = compact
    try:
        yield put
    finally:
        leveldb.leveldb_close(opened)


def make_leveldb(folder, items, compact=False):
    with database(folder) as put:
        for number in range(200):
            put(ORIGIN + b"other%d" % number, chromium(b"something else %d" % number * 20))
        for key, data in items.items():
            put(key, data)
        if compact:
            put.compact()
    return folder


def make_sqlite(path, items, wal=False):
    """A connection that is to be closed; while it is open, a WAL stays beside the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    if wal:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB NOT NULL ON CONFLICT FAIL)")
    connection.commit()
    for key, data in items.items():
        connection.execute("INSERT INTO ItemTable VALUES (?, ?)", (key, data))
    connection.commit()
    return connection
