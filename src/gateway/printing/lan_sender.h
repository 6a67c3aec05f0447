/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PRINTING_LAN_SENDER_H
#define GATEWAY_PRINTING_LAN_SENDER_H

#include "gateway/camera/cameras.h"
#include "gateway/printers/printers.h"
#include "gateway/queue/sender.h"

#include <uv.h>

/*
 * Sends files over the local network (transport/lan/upload.h), to printers whose DUID the accounts
 * have: an address alone may be another printer's by now. The camera of that printer leaves first.
 */
struct lan_sender {
	struct queue_sender sender;
	uv_loop_t *loop;
	const struct gateway_printers *printers;
	struct cameras *cameras;
};

/* printers and cameras outlive it. */
void lan_sender_init(struct lan_sender *sender, uv_loop_t *loop,
		     const struct gateway_printers *printers, struct cameras *cameras);

#endif
