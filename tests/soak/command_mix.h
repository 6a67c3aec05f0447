/* SPDX-License-Identifier: MIT */
#ifndef SOAK_COMMAND_MIX_H
#define SOAK_COMMAND_MIX_H

#include "printer/command/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COMMAND_MIX_TEXT_MAX 128

/* One command of the mix, with the text that its request points to. */
struct mixed_command {
	struct command_request request;
	char text[COMMAND_MIX_TEXT_MAX];
	/* What the printer's log shows for each time that it carries the command out, and for
	 * nothing else; "" where it cannot be told apart from another command. */
	char mark[COMMAND_MIX_TEXT_MAX];
};

/*
 * Command `number`, from 0 on, of `count` kinds in turn: the same number gives the same command.
 * timeout_ms: how long to wait for an answer.
 */
void command_mix_make(uint64_t number, int64_t timeout_ms, struct mixed_command *command);

#endif
