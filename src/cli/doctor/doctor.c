/* SPDX-License-Identifier: MIT */
#include "cli/doctor/doctor.h"

#include "cli/kit/cli.h"
#include "cli/kit/options.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct doctor_options {
	bool json;
	bool lan;
	const char *address;
	const char *duid;
	const char *held_by;
	const char *accounts;
};

static const struct options_option doctor_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print JSON: {\"links\": [...], \"ok\": true or false, \"lan_ok\": likewise}",
	 .offset = offsetof(struct doctor_options, json)},
	{.name = "lan",
	 .kind = OPTIONS_FLAG,
	 .help = "the local network counts for the exit status too",
	 .offset = offsetof(struct doctor_options, lan)},
	{.name = "address",
	 .kind = OPTIONS_TEXT,
	 .value = "ADDRESS",
	 .help = "of the printer on the local network (as stored, else it is searched)",
	 .offset = offsetof(struct doctor_options, address)},
	{.name = "duid",
	 .kind = OPTIONS_TEXT,
	 .value = "DUID",
	 .help = "its name on the local network (as stored, else whoever is at the address)",
	 .offset = offsetof(struct doctor_options, duid)},
	{.name = "lan-held-by",
	 .kind = OPTIONS_TEXT,
	 .value = "WHO",
	 .help = "has the printer's only session there, so that none is tried",
	 .offset = offsetof(struct doctor_options, held_by)},
	{.name = "accounts",
	 .kind = OPTIONS_FILE,
	 .value = "FILE",
	 .help = "printers of the cloud on this machine: gateway.json in its folder",
	 .offset = offsetof(struct doctor_options, accounts)},
};

static const struct options_group doctor_group = OPTIONS_GROUP("Options", doctor_table);

const char *doctor_format_time(int64_t unix_s, char out[DOCTOR_TIME_MAX])
{
	time_t seconds = (time_t)unix_s;
	struct tm utc;

	if (!gmtime_r(&seconds, &utc) ||
	    strftime(out, DOCTOR_TIME_MAX, "%Y-%m-%d %H:%M:%S UTC", &utc) == 0) {
		snprintf(out, DOCTOR_TIME_MAX, "an unknown time");
	}
	return out;
}

static void finish_doctor(struct doctor *doctor)
{
	if (doctor->socket >= 0) {
		close(doctor->socket);
	}
	trust_finish(&doctor->trust);
	store_accounts_finish(&doctor->accounts);
	targets_finish(&doctor->targets);
}

/* What would be no address or no duid is a mistake in the command. */
static int take_lan_options(const struct doctor_options *options, struct doctor *doctor)
{
	struct flagship_pppp_host host;

	if (options->address && !udp_host_parse(options->address, FLAGSHIP_PPPP_PORT, &host)) {
		cli_error("--address wants an IPv4 address such as 192.168.1.20");
		return CLI_USAGE;
	}
	if (options->duid && flagship_pppp_duid_parse(options->duid, &doctor->lan.wanted) != 0) {
		cli_error("--duid wants a duid such as EUPRAKM-012345-ABCDE");
		return CLI_USAGE;
	}
	doctor->lan.address = options->address;
	doctor->lan.duid = options->duid;
	doctor->lan.held_by = options->held_by;
	doctor->report.json = options->json;
	doctor->report.wants_lan = options->lan;
	return OPTIONS_RUN;
}

static int doctor_run(const struct cli_command *command, int argc, char **argv)
{
	struct doctor_options options = {0};
	struct doctor *doctor = calloc(1, sizeof(*doctor));

	if (!doctor) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	doctor->options = (struct target_options)TARGET_OPTIONS_DEFAULT;
	doctor->socket = -1;
	int result = options_parse(command, &argc, argv,
				   (void *[]){&options, TARGET_PLACES(&doctor->options)});
	if (result == OPTIONS_RUN) {
		result = take_lan_options(&options, doctor);
	}
	if (result != OPTIONS_RUN) {
		free(doctor);
		return result;
	}
	doctor->options.accounts_file = options.accounts;
	/* A broken connection is an error that is returned, not a signal. */
	signal(SIGPIPE, SIG_IGN);
	output_init(&doctor->report.output, stdout);
	doctor_check_configuration(doctor);
	doctor_check_network(doctor);
	doctor_check_printer(doctor);
	doctor_check_lan(doctor);
	result = doctor_conclude(&doctor->report);
	finish_doctor(doctor);
	free(doctor);
	return result;
}

const struct cli_command doctor_command = {
	.name = "doctor",
	.section = "Printers",
	.summary = "find out where the way to a printer is broken",
	.arguments = "",
	.arguments_max = 0,
	.description =
		"Looks at each link of the chain in order: configuration, clock, DNS, TCP, "
		"TLS, login,\n"
		"subscriptions, query, reply, checksum, decryption, age. Stops at the first "
		"that is\n"
		"broken, says what to do, and ends with the exit status of its kind. Then at "
		"the way over\n"
		"the local network, which files and the camera take: address, search, duid, "
		"the only\n"
		"session, handshake. That one is told, and counts for the exit status with "
		"--lan.",
	.groups = (const struct options_group *const[]){&doctor_group, TARGET_GROUPS, NULL},
	.run = doctor_run,
};
