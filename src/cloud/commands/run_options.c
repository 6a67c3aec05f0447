/* SPDX-License-Identifier: MIT */
#include "cloud/commands/run_options.h"

#include "cloud/registry/pairing_window.h"
#include "daemon/run/process.h"

#include <stddef.h>

#define MS_PER_S 1000

/* In the order of enum log_format, then as it is found. */
static const char *const log_formats[] = {"text", "json", "journal", "auto", NULL};

static const struct options_option run_table[] = {
	{.name = "pairing",
	 .kind = OPTIONS_DURATION,
	 .value = "TIME",
	 .help = "let unknown printers in for so long, to be approved: as flagship cloud pair open",
	 .offset = offsetof(struct run_options, pairing_ms),
	 .minimum = MS_PER_S,
	 .maximum = PAIRING_WINDOW_MAX_S * MS_PER_S},
	{.name = "per-address",
	 .kind = OPTIONS_INTEGER,
	 .value = "COUNT",
	 .help = "connections to the broker that one address may have before their login, with "
		 "unproven printers (200); more where many printers share one, behind a router",
	 .offset = offsetof(struct run_options, per_address),
	 .minimum = 1,
	 .maximum = DESCRIPTORS_MAX},
	{.name = "mirror",
	 .kind = OPTIONS_FLAG,
	 .help = "pass on to the vendor's cloud what printers say, and to them what its app wants",
	 .offset = offsetof(struct run_options, mirror)},
	{.name = "mirror-broker",
	 .kind = OPTIONS_TEXT,
	 .value = "HOST[:PORT]",
	 .help = "the broker upstream, where the vendor's name leads here, or it is another one",
	 .offset = offsetof(struct run_options, mirror_broker)},
	{.name = "mirror-ca",
	 .kind = OPTIONS_FILE,
	 .value = "FILE",
	 .help = "trust a broker upstream whose certificate this CA issued, and not the vendor's",
	 .offset = offsetof(struct run_options, mirror_ca)},
	{.name = "with-serve",
	 .kind = OPTIONS_FLAG,
	 .help = "run flagship serve, too, which holds the printers of this cloud; it ends with it",
	 .offset = offsetof(struct run_options, with_serve)},
	{.name = "serve-port",
	 .kind = OPTIONS_INTEGER,
	 .value = "PORT",
	 .help = "of its HTTP interface (7180); 0: any that is free, which its log names",
	 .offset = offsetof(struct run_options, serve_port),
	 .minimum = 0,
	 .maximum = UINT16_MAX},
	{.name = "serve-moonraker-base-port",
	 .kind = OPTIONS_INTEGER,
	 .value = "PORT",
	 .help = "of its first printer, others follow (7125); 0: no ports of printers",
	 .offset = offsetof(struct run_options, serve_moonraker_base_port),
	 .minimum = 0,
	 .maximum = UINT16_MAX},
	{.name = "serve-dir",
	 .kind = OPTIONS_FILE,
	 .value = "FOLDER",
	 .help = "where it keeps what is its own (~/.local/state/flagship/serve)",
	 .offset = offsetof(struct run_options, serve_dir)},
	{.name = "serve-bind",
	 .kind = OPTIONS_TEXT,
	 .value = "ADDRESS",
	 .help = "where it listens (127.0.0.1); beyond loopback with this cloud's certificate",
	 .offset = offsetof(struct run_options, serve_bind)},
	{.name = "log-level",
	 .kind = OPTIONS_TEXT,
	 .value = "LEVEL[,PART=LEVEL…]",
	 .help = "what is logged: error, warning, info or debug, of all parts or of one of cloud, "
		 "broker, api, mirror (info)",
	 .offset = offsetof(struct run_options, log_levels)},
	{.name = "log-format",
	 .kind = OPTIONS_CHOICE,
	 .choices = log_formats,
	 .help = "a line for people, an object for programs, or a line for journald; auto: "
		 "journal where stderr leads there, else text",
	 .offset = offsetof(struct run_options, log_format)},
};

const struct options_group run_options_group = OPTIONS_GROUP("Options", run_table);

void run_options_init(struct run_options *options)
{
	*options = (struct run_options){.log_levels = "info",
					.log_format = RUN_LOG_FORMAT_AUTO,
					.serve_port = -1,
					.serve_moonraker_base_port = -1};
}

const char *run_options_log_format(const struct run_options *options)
{
	return log_formats[options->log_format];
}

static int read_levels(struct run_options *options)
{
	const char *problem = log_levels_read(options->log_levels, &options->levels);

	if (problem) {
		cli_error("--log-level '%s': %s", options->log_levels, problem);
	}
	return problem ? CLI_USAGE : OPTIONS_RUN;
}

static int read_upstream(struct run_options *options)
{
	char shown[BROKER_URL_EXPLAINED_MAX];
	const char *problem = broker_url_parse(options->mirror_broker, &options->upstream);

	if (problem) {
		cli_error("--mirror-broker '%s': %s",
			  broker_url_explain(options->mirror_broker, shown), problem);
		return CLI_USAGE;
	}
	if (options->upstream.plain) {
		cli_error("--mirror-broker wants a broker with TLS: mqtts://HOST:PORT");
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

int run_options_check(struct run_options *options)
{
	int result = OPTIONS_RUN;

	if (!options->mirror && (options->mirror_broker || options->mirror_ca)) {
		cli_error("--mirror-broker and --mirror-ca go with --mirror");
		return CLI_USAGE;
	}
	if (!options->with_serve &&
	    (options->serve_port >= 0 || options->serve_moonraker_base_port >= 0 ||
	     options->serve_dir || options->serve_bind)) {
		cli_error("--serve-port, --serve-moonraker-base-port, --serve-dir and --serve-bind "
			  "go with --with-serve");
		return CLI_USAGE;
	}
	if (options->mirror_broker) {
		result = read_upstream(options);
	}
	return result == OPTIONS_RUN ? read_levels(options) : result;
}
