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
};

static const struct options_option doctor_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print JSON: {\"links\": [...], \"ok\": true or false}",
	 .offset = offsetof(struct doctor_options, json)},
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
	if (result != OPTIONS_RUN) {
		free(doctor);
		return result;
	}
	/* A broken connection is an error that is returned, not a signal. */
	signal(SIGPIPE, SIG_IGN);
	doctor->report.json = options.json;
	output_init(&doctor->report.output, stdout);
	doctor_check_configuration(doctor);
	doctor_check_network(doctor);
	doctor_check_printer(doctor);
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
	.description = "Looks at each link of the chain in order: configuration, clock, DNS, TCP, "
		       "TLS, login,\n"
		       "subscriptions, query, reply, checksum, decryption, age. Stops at the first "
		       "that is\n"
		       "broken, says what to do, and ends with the exit status of its kind.",
	.groups = (const struct options_group *const[]){&doctor_group, TARGET_GROUPS, NULL},
	.run = doctor_run,
};
