/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_COMMANDS_OPTIONS_H
#define GATEWAY_COMMANDS_OPTIONS_H

#include "cli/kit/options.h"
#include "daemon/log/log.h"
#include "daemon/run/bind.h"
#include "gateway/history/history.h"

#include <limits.h>
#include <stdint.h>

/* What `flagship serve` is told. */
struct serve_options {
	const char *config;
	const char *dir;
	const char *cloud;
	struct options_list binds;
	const char *unix_path;
	const char *tls_certificate;
	const char *tls_key;
	const char *proxies;
	struct options_list names;
	const char *log_levels;
	int64_t port;
	int64_t moonraker_base_port;
	int64_t files_max_mib;
	int64_t printed_max_mib;
	int64_t child_timeout_ms;
	unsigned int end_ms; /* for everything to end by itself */
	struct options_list keep;
	bool open;
	int log_format; /* an enum log_format, or SERVE_LOG_FORMAT_AUTO */

	/* Of these, by serve_options_check. */
	char folder[PATH_MAX];
	struct bind bind;
	char bind_text[BIND_MAX * BIND_TEXT_SIZE]; /* of binds, with blanks between */
	bool beyond;                               /* other machines reach it */
	char name_words[PATH_MAX];                 /* of names, with blanks between; "": none */
	char cloud_certificate[PATH_MAX];          /* of a local cloud, where no other was given */
	char cloud_key[PATH_MAX];
	struct log_levels levels;
	struct history_retention retention;
};

#define SERVE_LOG_FORMAT_AUTO 3 /* as it is found */

extern const struct options_group serve_options_group;

/* With what stands for nothing given. */
void serve_options_init(struct serve_options *options);

/* Sets folder. Mistakes are reported. OPTIONS_RUN or an exit status. */
int serve_options_find_folder(struct serve_options *options);

/* After options_parse. Mistakes are reported. OPTIONS_RUN or an exit status. */
int serve_options_check(struct serve_options *options);

#endif
