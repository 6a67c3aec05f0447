# SPDX-License-Identifier: MIT
"""Films of jobs, put into a gateway's folder as if it had recorded them."""

import json
import subprocess
import time

FRONT = 80 * 1024  # before the pictures of one that the gateway recorded


def keep(state, serial, files):
    """Of these files, the newest last; each plays."""
    folder = state / "timelapses"
    folder.mkdir(parents=True, mode=0o700)
    state.chmod(0o700)
    for identity, file in enumerate(files, 1):
        film = folder / f"{identity}.mp4"
        made = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=30,noise=alls=100", "-frames:v", "30", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "1", film]
        subprocess.run(made, check=True)
        subprocess.run(["ffmpeg", "-v", "error", "-i", film, "-frames:v", "1", folder / f"{identity}.jpg"], check=True)
        size = film.stat().st_size - FRONT
        assert size > 0
        (folder / f"{identity}.sizes").write_bytes(b"".join(part.to_bytes(4, "big") for part in [size // 30] * 30))
        note = {"id": identity, "job": 1000 + identity, "printer": serial, "printer_name": "Left", "file": file, "outcome": "finished",
                "begun_ms": int(time.time() * 1000) - 7200000, "ended_ms": int(time.time() * 1000) - 3600000, "missed": 0, "width": 320, "height": 180, "done": True}
        (folder / f"{identity}.json").write_text(json.dumps(note))
