/* SPDX-License-Identifier: MIT */
#ifndef CLI_WATCH_MONITOR_PRINT_H
#define CLI_WATCH_MONITOR_PRINT_H

#include "cli/output/output.h"
#include "cli/target/targets.h"

#include <flagship/message.h>
#include <flagship/model.h>
#include <flagship/topic.h>

#include <stdbool.h>
#include <stdint.h>

/* How `flagship monitor` shows messages, one line each. */
struct monitor_print {
	struct output output;
	const struct target *target;
	int name_width; /* columns of the names */
	enum flagship_model model;
	bool json;
	bool raw;
};

/* now_ms: Unix milliseconds. */
void monitor_print_message(const struct monitor_print *print, enum flagship_topic_kind topic,
			   const struct flagship_message *message, int64_t now_ms);

#endif
