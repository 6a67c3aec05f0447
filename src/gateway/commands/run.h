/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_COMMANDS_RUN_H
#define GATEWAY_COMMANDS_RUN_H

#include "gateway/commands/options.h"

/* Runs the gateway until a signal ends it. Trouble is reported. Returns an enum cli_exit. *anew: it
 * ended to begin anew, with what was restored. */
int serve_run(const struct serve_options *options, bool *anew);

#endif
