/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_COMMANDS_INTERFACES_H
#define GATEWAY_COMMANDS_INTERFACES_H

#include "gateway/camera/cameras.h"
#include "gateway/commands/options.h"
#include "gateway/moonraker/moonraker.h"
#include "gateway/octoprint/octoprint.h"
#include "gateway/ports/ports.h"
#include "gateway/web/web.h"

/* The interfaces of other programs: on the gateway's own port below paths that name a printer, and
 * on a port for each printer. Zeroed at first. */
struct interfaces {
	struct octoprint *octoprint; /* the caller's */
	struct cameras *cameras;     /* likewise */
	struct moonraker *moonraker;
	struct web *web; /* of the printers' ports */
	struct gateway_ports *ports;
};

/* Errors: those of moonraker_create. */
int interfaces_create(struct interfaces *interfaces, uv_loop_t *loop,
		      const struct moonraker_options *options, struct problem *problem)
	__attribute__((warn_unused_result));

/* Errors: those of gateway_ports_create. */
int interfaces_open_ports(struct interfaces *interfaces, uv_loop_t *loop,
			  struct gateway_printers *printers, const struct serve_options *options,
			  const struct web_options *web, struct problem *problem)
	__attribute__((warn_unused_result));

void interfaces_stop(struct interfaces *interfaces);
/* Once the loop has ended, and the HTTP server is gone. */
void interfaces_destroy(struct interfaces *interfaces);

#endif
