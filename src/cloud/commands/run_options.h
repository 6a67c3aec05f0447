/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_COMMANDS_RUN_OPTIONS_H
#define CLOUD_COMMANDS_RUN_OPTIONS_H

#include "cloud/commands/cloud.h"
#include "daemon/log/log.h"
#include "store/broker_url.h"

/* What `flagship cloud run` is told. */
struct run_options {
	struct cloud_options cloud;
	int64_t pairing_ms;
	int64_t per_address;
	bool mirror;
	const char *mirror_broker;
	struct broker_url upstream; /* of mirror_broker */
	const char *mirror_ca;
	bool with_serve;
	int64_t serve_port; /* -1: not given, as the next */
	int64_t serve_moonraker_base_port;
	const char *serve_dir;
	const char *serve_bind;
	const char *log_levels;
	struct log_levels levels; /* of log_levels */
	int log_format;           /* an enum log_format, or RUN_LOG_FORMAT_AUTO */
};

#define RUN_LOG_FORMAT_AUTO 3 /* as it is found */

extern const struct options_group run_options_group;

/* With what stands for nothing given. */
void run_options_init(struct run_options *options);

/* --log-format, as it was given. */
const char *run_options_log_format(const struct run_options *options);

/* After options_parse: what goes together, and what has a grammar of its own. Mistakes are
 * reported. OPTIONS_RUN or an exit status. */
int run_options_check(struct run_options *options);

#endif
