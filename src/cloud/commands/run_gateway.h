/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_COMMANDS_RUN_GATEWAY_H
#define CLOUD_COMMANDS_RUN_GATEWAY_H

#include "cloud/commands/run_options.h"
#include "cloud/gateway/handover.h"
#include "cloud/gateway/process.h"
#include "daemon/run/daemon.h"

/* What `flagship cloud run` does for a gateway: hands over what it needs, and runs it where it is
 * wanted. Zeroed at first; the first six are the caller's. */
struct run_gateway {
	struct daemon *daemon;
	struct log *log;
	const struct cloud *cloud;
	const struct run_options *options;
	void (*on_first_ready)(void *context);
	void *context;

	struct handover *handover;
	struct gateway_process *process;
	struct daemon_part handover_part;
	struct daemon_part process_part;
	char program[PATH_MAX];
	unsigned int deaths; /* before it was ready for the first time */
	bool was_ready;
};

/* Before the broker. Trouble is reported. OPTIONS_RUN or an exit status. */
int run_gateway_hand_over(struct run_gateway *gateway);

/* Once the broker runs; on_first_ready follows. OPTIONS_RUN or an exit status. */
int run_gateway_start(struct run_gateway *gateway);

/* SIGHUP. */
void run_gateway_reload(struct run_gateway *gateway);

#endif
