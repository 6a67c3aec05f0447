# SPDX-License-Identifier: MIT
"""A real RTSP server, GStreamer's, that plays a file of H.264 over and over: rtsp_real.py FILE [NAME PASSWORD]. Says its port."""

import re
import sys
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PICTURE_NS = 40_000_000
CAPS = "video/x-h264,stream-format=byte-stream,alignment=au,profile=constrained-baseline,framerate=25/1"
LAUNCH = f"( appsrc name=source is-live=true format=time caps={CAPS} ! rtph264pay name=pay0 pt=96 config-interval=0 )"


def units_of(path):
    """Each begins with a delimiter."""
    with open(path, "rb") as file:
        data = file.read()
    starts = [found.start() for found in re.finditer(rb"\x00\x00\x00?\x01\x09", data)]
    return [data[begin:end] for begin, end in zip(starts, [*starts[1:], len(data)])]


def feed(media, units):
    """25 pictures a second; late ones on a busy machine, but all of them."""
    source = media.get_element().get_by_name_recurse_up("source")
    begun = time.monotonic_ns()
    number = 0

    def push():
        nonlocal number
        while number * PICTURE_NS <= time.monotonic_ns() - begun:
            buffer = Gst.Buffer.new_wrapped(units[number % len(units)])
            buffer.pts = buffer.dts = number * PICTURE_NS
            buffer.duration = PICTURE_NS
            number += 1
            if source.emit("push-buffer", buffer) != Gst.FlowReturn.OK:
                return False
        return True

    GLib.timeout_add(PICTURE_NS // 1_000_000, push)


def lock(server, factory, name, password):
    """By digest."""
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
    auth = GstRtspServer.RTSPAuth.new()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest(name, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    for permission in (GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT):
        permissions.add_permission_for_role("viewer", permission, True)
    factory.set_permissions(permissions)


def main():
    path, *login = sys.argv[1:]
    Gst.init(None)
    units = units_of(path)
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factory = GstRtspServer.RTSPMediaFactory.new()
    factory.set_launch(LAUNCH)
    factory.set_shared(True)
    factory.connect("media-configure", lambda _, media: feed(media, units))
    if login:
        lock(server, factory, *login)
    server.get_mount_points().add_factory("/camera", factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
