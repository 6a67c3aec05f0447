/* SPDX-License-Identifier: MIT */
#include "gateway/commands/options.h"

#include "cli/kit/cli.h"
#include "gateway/access/networks.h"
#include "gateway/accounts/accounts.h"
#include "store/file/paths.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BIND_DEFAULT           "127.0.0.1"
#define PORT_DEFAULT           7180
#define MOONRAKER_PORT_DEFAULT 7125
#define FILES_MIB_DEFAULT      (20 * 1024)
#define FILES_MAX_MIB          (1 << 30) /* a PiB */
#define PRINTED_MIB_DEFAULT    (4 * 1024)
#define CHILD_TIMEOUT_MS       (ACCOUNTS_TIMEOUT_S * INT64_C(1000))
#define END_MS                 1500
#define CHILD_TIMEOUT_MIN_MS   100
#define CHILD_TIMEOUT_MAX_MS   INT64_C(3600000)
#define NAME_CHARACTERS        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:"
#define FOLDER_NAME            "/serve"

/* In the order of enum log_format, then as it is found. */
static const char *const log_formats[] = {"text", "json", "journal", "auto", NULL};

static const struct options_option serve_table[] = {
	{.name = "config",
	 .kind = OPTIONS_FILE,
	 .value = "FILE",
	 .help = "settings, of its programs and doctors too (FLAGSHIP_CONFIG, else "
		 "~/.config/flagship/flagship.conf)",
	 .offset = offsetof(struct serve_options, config)},
	{.name = "dir",
	 .kind = OPTIONS_FILE,
	 .value = "FOLDER",
	 .help = "where the gateway keeps what is its own (~/.local/state/flagship/serve)",
	 .offset = offsetof(struct serve_options, dir)},
	{.name = "cloud",
	 .kind = OPTIONS_FILE,
	 .value = "FOLDER",
	 .help = "of a flagship cloud on this machine, whose printers are held, too; off: of none "
		 "(the setting serve.cloud, else ~/.local/state/flagship/cloud)",
	 .offset = offsetof(struct serve_options, cloud)},
	{.name = "port",
	 .kind = OPTIONS_INTEGER,
	 .value = "PORT",
	 .help = "of its HTTP interface (7180); 0: any that is free, which the log names",
	 .offset = offsetof(struct serve_options, port),
	 .minimum = 0,
	 .maximum = UINT16_MAX},
	{.name = "moonraker-base-port",
	 .kind = OPTIONS_INTEGER,
	 .value = "PORT",
	 .help = "of the first printer, for programs that know Moonraker, OctoPrint or PrusaLink; "
		 "others follow (7125); 0: no ports of printers",
	 .offset = offsetof(struct serve_options, moonraker_base_port),
	 .minimum = 0,
	 .maximum = UINT16_MAX},
	{.name = "bind",
	 .kind = OPTIONS_LIST,
	 .value = "ADDRESS",
	 .help = "listen on this address of this machine, and no other (127.0.0.1); may be "
		 "repeated; others than loopback want TLS, or --behind-proxy",
	 .offset = offsetof(struct serve_options, binds)},
	{.name = "tls-cert",
	 .kind = OPTIONS_FILE,
	 .value = "FILE",
	 .help = "certificate with its chain, PEM; read anew when it changes (beyond loopback: "
		 "that "
		 "of a local cloud)",
	 .offset = offsetof(struct serve_options, tls_certificate)},
	{.name = "tls-key",
	 .kind = OPTIONS_FILE,
	 .value = "FILE",
	 .help = "its key",
	 .offset = offsetof(struct serve_options, tls_key)},
	{.name = "behind-proxy",
	 .kind = OPTIONS_TEXT,
	 .value = "NETWORKS",
	 .help = "a reverse proxy at one of these addresses brings all requests: its "
		 "X-Forwarded-For, -Proto and -Host are believed, TLS is its matter, and nobody "
		 "gets in without a key or login",
	 .offset = offsetof(struct serve_options, proxies)},
	{.name = "name",
	 .kind = OPTIONS_LIST,
	 .value = "HOST",
	 .help = "another name that this gateway is called by; requests by unknown names are "
		 "refused",
	 .offset = offsetof(struct serve_options, names)},
	{.name = "unix",
	 .kind = OPTIONS_FILE,
	 .value = "PATH",
	 .help = "listen on this socket, too, which only this user may open",
	 .offset = offsetof(struct serve_options, unix_path)},
	{.name = "open",
	 .kind = OPTIONS_FLAG,
	 .help = "open the page in the browser of this desktop once it is ready",
	 .offset = offsetof(struct serve_options, open)},
	{.name = "files-max",
	 .kind = OPTIONS_INTEGER,
	 .value = "MIB",
	 .help = "how much G-code may be kept, in MiB (20480); 64 MiB of the disk are left in any "
		 "case",
	 .offset = offsetof(struct serve_options, files_max_mib),
	 .minimum = 1,
	 .maximum = FILES_MAX_MIB},
	{.name = "printed-max",
	 .kind = OPTIONS_INTEGER,
	 .value = "MIB",
	 .help = "how much G-code of the print queue is kept, to be printed again, though it was "
		 "replaced or deleted, in MiB (4096); what was not printed the longest goes first",
	 .offset = offsetof(struct serve_options, printed_max_mib),
	 .minimum = 0,
	 .maximum = FILES_MAX_MIB},
	{.name = "keep",
	 .kind = OPTIONS_LIST,
	 .value = "KIND=TIME",
	 .help = "how long what happened is kept: samples (1d), minutes (31d), hours (1825d), "
		 "entries (365d), jobs (forever), in h, d or w",
	 .offset = offsetof(struct serve_options, keep)},
	{.name = "child-timeout",
	 .kind = OPTIONS_DURATION,
	 .value = "SECONDS",
	 .help = "how long a program may take that it runs for a login, a list of printers or a "
		 "doctor (120)",
	 .offset = offsetof(struct serve_options, child_timeout_ms),
	 .minimum = CHILD_TIMEOUT_MIN_MS,
	 .maximum = CHILD_TIMEOUT_MAX_MS},
	{.name = "log-level",
	 .kind = OPTIONS_TEXT,
	 .value = "LEVEL[,PART=LEVEL…]",
	 .help = "what is logged: error, warning, info or debug, of all parts or of one of serve, "
		 "access, accounts, attach, printers, ports, http, moonraker, commands, files, "
		 "history "
		 "(info)",
	 .offset = offsetof(struct serve_options, log_levels)},
	{.name = "log-format",
	 .kind = OPTIONS_CHOICE,
	 .choices = log_formats,
	 .help = "a line for people, an object for programs, or a line for journald; auto: "
		 "journal where stderr leads there, else text",
	 .offset = offsetof(struct serve_options, log_format)},
};

const struct options_group serve_options_group = OPTIONS_GROUP("Options", serve_table);

void serve_options_init(struct serve_options *options)
{
	*options = (struct serve_options){.log_levels = "info",
					  .port = PORT_DEFAULT,
					  .moonraker_base_port = MOONRAKER_PORT_DEFAULT,
					  .child_timeout_ms = CHILD_TIMEOUT_MS,
					  .end_ms = END_MS,
					  .files_max_mib = FILES_MIB_DEFAULT,
					  .printed_max_mib = PRINTED_MIB_DEFAULT,
					  .log_format = SERVE_LOG_FORMAT_AUTO};
}

int serve_options_find_folder(struct serve_options *options)
{
	char state[PATH_MAX];
	int length;

	if (options->dir) {
		length = snprintf(options->folder, sizeof(options->folder), "%s", options->dir);
	} else if (store_state_folder(state)) {
		length = snprintf(options->folder, sizeof(options->folder), "%s" FOLDER_NAME,
				  state);
	} else {
		cli_error("there is no home folder to keep anything in: set HOME, or give --dir");
		return CLI_NOT_CONFIGURED;
	}
	if (length < 1 || (size_t)length >= sizeof(options->folder)) {
		cli_error("--dir: this is no path of a folder");
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

/* --- who can reach it --- */

static int join_names(struct serve_options *options)
{
	size_t used = 0;

	for (size_t i = 0; i < options->names.count; i++) {
		const char *name = options->names.items[i];
		int length = snprintf(options->name_words + used,
				      sizeof(options->name_words) - used, "%s%s",
				      used > 0 ? " " : "", name);

		if (name[0] == '\0' || name[strspn(name, NAME_CHARACTERS)] != '\0' || length < 0 ||
		    used + (size_t)length >= sizeof(options->name_words)) {
			cli_error("--name '%s': this is no name of a host", name);
			return CLI_USAGE;
		}
		used += (size_t)length;
	}
	return OPTIONS_RUN;
}

/* What the settings say of it is about its printers alone, and may change. */
static bool find_cloud(const struct serve_options *options, char folder[PATH_MAX])
{
	char state[PATH_MAX];
	int length = -1;

	if (options->cloud) {
		length = snprintf(folder, PATH_MAX, "%s", options->cloud);
	} else if (store_state_folder(state)) {
		length = snprintf(folder, PATH_MAX, "%s/cloud", state);
	}
	return length > 0 && length < PATH_MAX;
}

/* The certificate that flagship cloud made, of its own CA. */
static bool find_cloud_certificate(struct serve_options *options)
{
	char folder[PATH_MAX];
	size_t size = sizeof(options->cloud_key);

	if (!find_cloud(options, folder) ||
	    (size_t)snprintf(options->cloud_certificate, size, "%s/server.pem", folder) >= size ||
	    (size_t)snprintf(options->cloud_key, size, "%s/server.key", folder) >= size ||
	    access(options->cloud_certificate, R_OK) || access(options->cloud_key, R_OK)) {
		return false;
	}
	options->tls_certificate = options->cloud_certificate;
	options->tls_key = options->cloud_key;
	return true;
}

static int check_reach(struct serve_options *options)
{
	if (!options->tls_certificate != !options->tls_key) {
		cli_error("--tls-cert and --tls-key belong together");
		return CLI_USAGE;
	}
	if (options->proxies &&
	    (options->proxies[0] == '\0' || !networks_valid(options->proxies))) {
		cli_error("--behind-proxy '%s' is to be addresses or networks with blanks between, "
			  "such as 127.0.0.1 or 10.0.0.0/8",
			  options->proxies);
		return CLI_USAGE;
	}
	options->beyond = options->proxies || !bind_is_loopback(&options->bind);
	if (!bind_is_loopback(&options->bind) && !options->tls_certificate && !options->proxies &&
	    !find_cloud_certificate(options)) {
		cli_error("--bind %s: beyond this machine passwords and keys would be sent for all "
			  "to read; give --tls-cert and --tls-key, or --behind-proxy where a proxy "
			  "does TLS",
			  options->bind_text);
		return CLI_USAGE;
	}
	return join_names(options);
}

/* False with as much of bind_text as there is room for. */
static bool read_binds(struct serve_options *options)
{
	size_t used = 0;

	if (options->binds.count == 0) {
		options->binds = (struct options_list){.items = {BIND_DEFAULT}, .count = 1};
	}
	for (size_t i = 0; i < options->binds.count; i++) {
		int length = snprintf(options->bind_text + used, sizeof(options->bind_text) - used,
				      "%s%s", i > 0 ? " " : "", options->binds.items[i]);

		if (options->binds.items[i][0] == '\0' || length < 0 ||
		    used + (size_t)length >= sizeof(options->bind_text)) {
			return false;
		}
		used += (size_t)length;
	}
	return bind_read(options->bind_text, &options->bind);
}

static int read_retention(struct serve_options *options)
{
	for (size_t i = 0; i < options->keep.count; i++) {
		if (!history_retention_read(options->keep.items[i], &options->retention)) {
			cli_error("--keep '%s' is to be one of samples, minutes, hours, entries "
				  "and jobs with =, and a time as 12h, 31d, 4w or forever",
				  options->keep.items[i]);
			return CLI_USAGE;
		}
	}
	return OPTIONS_RUN;
}

/* Links stay: one that is replaced leads to the newer settings. */
static bool make_absolute(const char *path, char out[PATH_MAX])
{
	char folder[PATH_MAX] = "";

	if (path[0] != '/' && !getcwd(folder, sizeof(folder))) {
		return false;
	}
	int length = snprintf(out, PATH_MAX, "%s%s%s", folder, path[0] == '/' ? "" : "/", path);
	if (length >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	return true;
}

/* By the environment, so that the programs which it runs read the same. */
static int take_settings(const struct serve_options *options)
{
	char path[PATH_MAX];

	if (!options->config) {
		return OPTIONS_RUN;
	}
	if (!make_absolute(options->config, path) || access(path, R_OK) != 0) {
		cli_error("--config %s: %s", options->config, strerror(errno));
		return CLI_NOT_CONFIGURED;
	}
	if (setenv(STORE_SETTINGS_VARIABLE, path, true) != 0) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

int serve_options_check(struct serve_options *options)
{
	const char *fault = log_levels_read(options->log_levels, &options->levels);

	if (fault) {
		cli_error("--log-level '%s': %s", options->log_levels, fault);
		return CLI_USAGE;
	}
	if (!read_binds(options)) {
		cli_error("--bind '%s' is to be an address of this machine, or several, %d at most",
			  options->bind_text, BIND_MAX);
		return CLI_USAGE;
	}
	if (options->cloud && options->cloud[0] == '\0') {
		cli_error("--cloud: the folder of a cloud is missing; off is for none");
		return CLI_USAGE;
	}
	int result = check_reach(options);
	result = result == OPTIONS_RUN ? read_retention(options) : result;
	result = result == OPTIONS_RUN ? take_settings(options) : result;
	if (result != OPTIONS_RUN) {
		return result;
	}
	return serve_options_find_folder(options);
}
