/* SPDX-License-Identifier: MIT */
#include "gateway/attach/internal.h"

#include <string.h>

/* Commands that speak with a printer themselves: it has one session in the local network, and the
 * gateway keeps away from it as long as they are there. */

/* holder: "" where it may be had. */
static void send_claimed(struct attach_client *client, const char *holder)
{
	struct attach_writer writer;

	attach_begin(&writer, ATTACH_CLAIMED);
	attach_put_text(&writer, holder);
	attach_client_send(client, &writer);
}

static void on_free(void *context)
{
	send_claimed(context, "");
}

bool attach_client_take_claim(struct attach_client *client, struct attach_reader *values)
{
	const struct attach_options *options = &client->server->options;
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	const struct fleet_printer *printer;
	bool several;

	attach_take_text(values, serial, sizeof(serial));
	if (!attach_end(values) || client->claim.camera) {
		return false;
	}
	const struct camera_claim *other = cameras_claimed_by(options->cameras, serial);
	if (other) {
		send_claimed(client, other->holder);
		return true;
	}
	client->claim = (struct camera_claim){
		.on_free = on_free,
		.context = client,
		.holder = "a command of flagship on the gateway's machine",
		.why = "a command on the gateway's machine speaks with the printer",
	};
	/* What the gateway does not have, or cannot claim, it does not hold either. It would find a
	 * printer by its name, too. */
	printer = gateway_printers_find(options->printers, serial, &several);
	if (!printer || strcmp(fleet_printer_serial(printer), serial) != 0 ||
	    cameras_claim(options->cameras, serial, &client->claim) != CAMERA_LEAVES) {
		send_claimed(client, "");
	}
	return true;
}
