/* SPDX-License-Identifier: MIT */
#include "daemon/log/bounded.h"

#include "base/clock.h"
#include "daemon/log/limit.h"
#include "daemon/log/log.h"

#include <string.h>

#define PLUGIN "flagship: "

/* Of the one log of the program. */
static struct log_limit limit;

void log_bounded(const char *source, const char *line)
{
	char name[LOG_LIMIT_NAME_SIZE];

	/* What the plugin says is bounded there. */
	if (strncmp(line, PLUGIN, strlen(PLUGIN)) == 0) {
		log_line(source, line);
		return;
	}
	log_limit_name_of(line, name);
	if (log_limit_admits(&limit, name, clock_steady_s())) {
		log_line(source, line);
	}
}

void log_bounded_tell(void)
{
	char name[LOG_LIMIT_NAME_SIZE];
	unsigned long more;

	while (log_limit_over(&limit, clock_steady_s(), name, &more)) {
		log_format("cloud", "and %lu more lines about %s in a minute", more, name);
	}
}
