/* SPDX-License-Identifier: MIT */
#include "simulator/network/options.h"

#include "cli/output/print.h"

#include <flagship/pppp_packet.h>

#include <stdio.h>
#include <string.h>

#define DEFAULT_SEED  1
#define DAY_MS        INT64_C(86400000)
#define PERCENT_MAX   100
#define SERIAL_DIGITS 5                                /* at least */
#define PREFIX_MAX    (FLAGSHIP_SERIAL_LENGTH_MAX - 6) /* six digits for SIMULATE_COUNT_MAX */

static const char *const scenarios[] = {"idle", "print", "error", NULL};

/* In the order of enum control_form. */
static const char *const controls[] = {"model", "vendor", "observed", NULL};

#define OPTION_AT(member) offsetof(struct simulate_options, member)

static const struct options_option simulate_table[] = {
	{.name = "scenario",
	 .kind = OPTIONS_CHOICE,
	 .choices = scenarios,
	 .help = "sit there, print, or run out of filament while printing (idle)",
	 .offset = OPTION_AT(scenario)},
	{.name = "at",
	 .kind = OPTIONS_INTEGER,
	 .value = "PERCENT",
	 .help = "begin where the job is done to so many percent (0)",
	 .offset = OPTION_AT(at_percent),
	 .minimum = 0,
	 .maximum = PERCENT_MAX - 1},
	{.name = "replay",
	 .kind = OPTIONS_FILE,
	 .value = "FILE",
	 .help = "publish a recording (JSON lines, _t in seconds) with its own timing",
	 .offset = OPTION_AT(replay)},
	{.name = "speed",
	 .kind = OPTIONS_REAL,
	 .value = "FACTOR",
	 .help = "how many seconds pass for the printer in one second (1)",
	 .offset = OPTION_AT(speed),
	 .minimum = 0,
	 .maximum = SIMULATE_SPEED_MAX},
	{.name = "seed",
	 .kind = OPTIONS_INTEGER,
	 .value = "NUMBER",
	 .help = "chance: the same number gives the same messages (1)",
	 .offset = OPTION_AT(seed),
	 .minimum = 0,
	 .maximum = INT64_MAX},
	{.name = "name",
	 .kind = OPTIONS_TEXT,
	 .value = "NAME",
	 .help = "what the printer is called",
	 .offset = OPTION_AT(name)},
	{.name = "count",
	 .kind = OPTIONS_INTEGER,
	 .value = "NUMBER",
	 .help = "simulate so many printers, each with a connection of its own; needs --prefix (1)",
	 .offset = OPTION_AT(count),
	 .minimum = 1,
	 .maximum = SIMULATE_COUNT_MAX},
	{.name = "prefix",
	 .kind = OPTIONS_TEXT,
	 .value = "TEXT",
	 .help = "number the printers: their serial numbers are TEXT00001 and so on",
	 .offset = OPTION_AT(prefix)},
	{.name = "for",
	 .kind = OPTIONS_DURATION,
	 .value = "SECONDS",
	 .help = "stop after so long",
	 .offset = OPTION_AT(for_ms),
	 .minimum = 1,
	 .maximum = DAY_MS},
	{.name = "control",
	 .kind = OPTIONS_CHOICE,
	 .choices = controls,
	 .help = "how pause, resume, stop and start are understood: as the vendor's app sends "
		 "them, or as observed on an M5C (model: vendor, but observed on an M5C)",
	 .offset = OPTION_AT(control)},
	{.name = "list-as-text",
	 .kind = OPTIONS_FLAG,
	 .help = "tell lists of files as JSON inside a string, as some firmware does",
	 .offset = OPTION_AT(list_as_text)},
	{.name = "fault",
	 .kind = OPTIONS_LIST,
	 .value = "NAME[=VALUE]",
	 .help = "misbehave, again for more: drop-replies=P, late-replies=SECONDS (real ones), "
		 "other-type-replies, ack-no-effect, refuse, silent, malformed=P, churn=P, "
		 "clock-skew=SECONDS, stuck-at-end, resume-as-3, late-updates=SECONDS (real ones), "
		 "retained, lan-loss=P, lan-silent, lan-busy, lan-large, "
		 "lan-old-handshake, lan-typed-replies, lan-crash, "
		 "lan-late=SECONDS (real ones), lan-result=NUMBER",
	 .offset = OPTION_AT(fault_texts)},
	{.name = "churn",
	 .kind = OPTIONS_REAL,
	 .value = "P",
	 .help = "the same as --fault churn=P: each second, drop the connection with this "
		 "probability",
	 .offset = OPTION_AT(faults.churn),
	 .minimum = 0,
	 .maximum = 1},
	{.name = "clock-skew",
	 .kind = OPTIONS_INTEGER,
	 .value = "SECONDS",
	 .help = "the same as --fault clock-skew=SECONDS: a clock that is ahead, or behind",
	 .offset = OPTION_AT(faults.clock_skew_s),
	 .minimum = -FAULT_PLAN_SKEW_MAX_S,
	 .maximum = FAULT_PLAN_SKEW_MAX_S},
	{.name = "lan",
	 .kind = OPTIONS_FLAG,
	 .help = "speak on the local network too: search and uploads at UDP port 32108",
	 .offset = OPTION_AT(lan)},
	{.name = "lan-address",
	 .kind = OPTIONS_TEXT,
	 .value = "ADDRESS",
	 .help = "where --lan listens (127.0.0.1)",
	 .offset = OPTION_AT(lan_address)},
	{.name = "lan-duid",
	 .kind = OPTIONS_TEXT,
	 .value = "DUID",
	 .help = "what it calls itself there, as EUPRAKM-012345-ABCDE (made of the serial number)",
	 .offset = OPTION_AT(lan_duid)},
	{.name = "gcm",
	 .kind = OPTIONS_FLAG,
	 .help = "use the AES-GCM payload seen with some E1 accounts; needs a 256-bit key",
	 .offset = OPTION_AT(gcm)},
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "at the end, print what was received and done as JSON; SIGUSR1 does so at "
		 "any time",
	 .offset = OPTION_AT(json)},
	{.name = "verbose",
	 .letter = 'v',
	 .kind = OPTIONS_FLAG,
	 .help = "tell on stderr what is published and received",
	 .offset = OPTION_AT(verbose)},
};

const struct options_group simulate_options_group = OPTIONS_GROUP("Simulation", simulate_table);

static void list_faults(void)
{
	fputs("The faults are", stderr);
	for (size_t i = 0; fault_plan_names[i]; i++) {
		print_to(stderr, "%s %s", i == 0 ? "" : ",", fault_plan_names[i]);
	}
	fputs("; P is a probability from 0 to 1.\n", stderr);
}

static int read_faults(struct simulate_options *options)
{
	const struct options_list *texts = &options->fault_texts;

	for (size_t i = 0; i < texts->count; i++) {
		if (!fault_plan_add(&options->faults, texts->items[i])) {
			cli_error("--fault %s: there is no such fault, or its value is missing or "
				  "wrong",
				  texts->items[i]);
			list_faults();
			return CLI_USAGE;
		}
	}
	return OPTIONS_RUN;
}

void simulate_serial(const char *prefix, size_t number, char out[FLAGSHIP_SERIAL_LENGTH_MAX + 1])
{
	snprintf(out, FLAGSHIP_SERIAL_LENGTH_MAX + 1, "%s%0*zu", prefix, SERIAL_DIGITS, number);
}

static int check_prefix(const struct simulate_options *options, const char *serial)
{
	if (!options->prefix) {
		if (options->count > 1) {
			cli_error("--count needs --prefix TEXT, from which the serial numbers are "
				  "made");
			return CLI_USAGE;
		}
		return OPTIONS_RUN;
	}
	if (serial) {
		cli_error("--prefix makes the serial numbers: leave --serial out");
		return CLI_USAGE;
	}
	if (!flagship_serial_valid(options->prefix) || strlen(options->prefix) > PREFIX_MAX) {
		cli_error("--prefix wants at most %d letters and digits", PREFIX_MAX);
		return CLI_USAGE;
	}
	if (options->replay && options->count > 1) {
		cli_error("--replay is for one printer: leave --count out");
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

static int check_lan(const struct simulate_options *options)
{
	struct flagship_pppp_duid duid;

	if (!options->lan) {
		return OPTIONS_RUN;
	}
	if (options->count > 1 || options->replay) {
		cli_error("--lan is for one simulated printer: leave --count and --replay out");
		return CLI_USAGE;
	}
	if (options->lan_duid && flagship_pppp_duid_parse(options->lan_duid, &duid) != 0) {
		cli_error("--lan-duid wants a duid such as EUPRAKM-012345-ABCDE");
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

static int check(struct simulate_options *options)
{
	int result = check_lan(options);

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (options->speed <= 0) {
		cli_error("--speed wants a number above 0");
		return CLI_USAGE;
	}
	if (options->replay && (options->scenario != VIRTUAL_PRINTER_IDLE || options->at_percent)) {
		cli_error("--replay goes without --scenario and --at: the recording says it all");
		return CLI_USAGE;
	}
	if (options->at_percent && options->scenario == VIRTUAL_PRINTER_IDLE) {
		cli_error("--at needs a job: add --scenario print");
		return CLI_USAGE;
	}
	return read_faults(options);
}

int simulate_options_parse(const struct cli_command *command, int argc, char **argv,
			   struct simulate_options *options, struct connection_options *connection,
			   struct key_options *key)
{
	void *targets[] = {options, connection, key};

	*options = (struct simulate_options){
		.speed = 1, .seed = DEFAULT_SEED, .count = 1, .lan_address = "127.0.0.1"};
	*connection = (struct connection_options)CONNECTION_OPTIONS_DEFAULT;
	*key = (struct key_options){0};
	int result = options_parse(command, &argc, argv, targets);
	if (result == OPTIONS_RUN) {
		result = check_prefix(options, connection->serial);
	}
	return result == OPTIONS_RUN ? check(options) : result;
}
