/* SPDX-License-Identifier: MIT */
#include "gateway/commands/options.h"

#include "cli/kit/cli.h"
#include "store/file/paths.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define PORT_DEFAULT      7180
#define FILES_MIB_DEFAULT (20 * 1024)
#define FILES_MAX_MIB     (1 << 30) /* a PiB */
#define FOLDER_NAME       "/serve"

/* In the order of enum log_format, then as it is found. */
static const char *const log_formats[] = {"text", "json", "journal", "auto", NULL};

static const struct options_option serve_table[] = {
	{.name = "dir",
	 .kind = OPTIONS_FILE,
	 .value = "FOLDER",
	 .help = "where the gateway keeps what is its own (~/.local/state/flagship/serve)",
	 .offset = offsetof(struct serve_options, dir)},
	{.name = "port",
	 .kind = OPTIONS_INTEGER,
	 .value = "PORT",
	 .help = "of its HTTP interface (7180); 0: any that is free, which the log names",
	 .offset = offsetof(struct serve_options, port),
	 .minimum = 0,
	 .maximum = UINT16_MAX},
	{.name = "bind",
	 .kind = OPTIONS_TEXT,
	 .value = "ADDRESS",
	 .help = "listen on this address of this machine (127.0.0.1); it has no users yet, and so "
		 "takes loopback addresses alone",
	 .offset = offsetof(struct serve_options, bind_text)},
	{.name = "unix",
	 .kind = OPTIONS_FILE,
	 .value = "PATH",
	 .help = "listen on this socket, too, which only this user may open",
	 .offset = offsetof(struct serve_options, unix_path)},
	{.name = "files-max",
	 .kind = OPTIONS_INTEGER,
	 .value = "MIB",
	 .help = "how much G-code may be kept, in MiB (20480); 64 MiB of the disk are left in any "
		 "case",
	 .offset = offsetof(struct serve_options, files_max_mib),
	 .minimum = 1,
	 .maximum = FILES_MAX_MIB},
	{.name = "log-level",
	 .kind = OPTIONS_TEXT,
	 .value = "LEVEL[,PART=LEVEL…]",
	 .help = "what is logged: error, warning, info or debug, of all parts or of one of serve, "
		 "printers, http, commands, files (info)",
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
	*options = (struct serve_options){.bind_text = "127.0.0.1",
					  .log_levels = "info",
					  .port = PORT_DEFAULT,
					  .files_max_mib = FILES_MIB_DEFAULT,
					  .log_format = SERVE_LOG_FORMAT_AUTO};
}

static int find_folder(struct serve_options *options)
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

int serve_options_check(struct serve_options *options)
{
	const char *fault = log_levels_read(options->log_levels, &options->levels);

	if (fault) {
		cli_error("--log-level '%s': %s", options->log_levels, fault);
		return CLI_USAGE;
	}
	if (!bind_read(options->bind_text, &options->bind)) {
		cli_error("--bind '%s' is to be an address of this machine", options->bind_text);
		return CLI_USAGE;
	}
	if (!bind_is_loopback(&options->bind)) {
		cli_error(
			"--bind %s: the gateway has no users and keys yet, so that everybody in "
			"the network could use the printers; it listens on 127.0.0.1 or ::1 alone",
			options->bind_text);
		return CLI_USAGE;
	}
	return find_folder(options);
}
