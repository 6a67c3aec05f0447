/* SPDX-License-Identifier: MIT */
#ifndef FLEET_ATTACH_ATTACHMENT_H
#define FLEET_ATTACH_ATTACHMENT_H

#include "fleet/fleet.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A login that goes by a gateway of this machine in place of a session of its own: its printers'
 * payloads come from there, and commands go there. Where it cannot be, or ends, the login opens its
 * session. For the fleet alone.
 */
struct attachment;

/* Whether somebody listens; then the rest follows. */
bool attachment_open(struct fleet_login *login) __attribute__((warn_unused_result));

/* Nothing is reported any more. NULL is accepted. */
void attachment_close(struct attachment *attachment);

/* The gateway has all printers of the login; NULL counts as not. */
bool attachment_is_up(const struct attachment *attachment);

/* While it is up. What is submitted ends in one report. */
void attachment_submit(struct attachment *attachment, struct fleet_printer *printer,
		       const struct command_request *request);
void attachment_cancel(struct attachment *attachment, uint64_t command);
void attachment_ask(struct attachment *attachment, const struct fleet_printer *printer);

#endif
