/* SPDX-License-Identifier: MIT */
#include "cli/control/control.h"
#include "cli/control/value.h"
#include "cli/kit/cli.h"

/* pause, resume, stop, start: what is done with a job. */

static bool job_is_over(const struct printer_state *state)
{
	return state->job.state_received &&
	       (state->job.state == PRINTER_JOB_IDLE || state->job.state == PRINTER_JOB_FINISHED ||
		state->job.state == PRINTER_JOB_STOPPED);
}

static const char *job_objection(const struct printer_state *state)
{
	return job_is_over(state) ? "no job is under way" : NULL;
}

static int job_run(const struct cli_command *command, int argc, char **argv, enum command_kind kind)
{
	struct control control = CONTROL_DEFAULT;
	int result = control_parse(&control, command, &argc, argv, NULL);

	if (result != OPTIONS_RUN) {
		return result;
	}
	control.many = true;
	control.objection = job_objection;
	control.request.kind = kind;
	if (kind == COMMAND_STOP) {
		control.question = "End the job for good of";
		control.asks_people_only = true;
	}
	return control_run(&control);
}

static int pause_run(const struct cli_command *command, int argc, char **argv)
{
	return job_run(command, argc, argv, COMMAND_PAUSE);
}

static int resume_run(const struct cli_command *command, int argc, char **argv)
{
	return job_run(command, argc, argv, COMMAND_RESUME);
}

static int stop_run(const struct cli_command *command, int argc, char **argv)
{
	return job_run(command, argc, argv, COMMAND_STOP);
}

static int start_run(const struct cli_command *command, int argc, char **argv)
{
	struct control control = CONTROL_DEFAULT;
	int result = control_parse(&control, command, &argc, argv, NULL);

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (argc == 0 || argv[0][0] == '\0') {
		return control_lacks(command->name, "a file of the printer: flagship files lists "
						    "them");
	}
	control.request.kind = COMMAND_START;
	control.request.text = argv[0];
	return control_run(&control);
}

static const struct options_group *const job_groups[] = {CONTROL_GROUPS, NULL};

const struct cli_command pause_command = {
	.name = "pause",
	.section = "Control",
	.summary = "pause the job",
	.arguments = "",
	.arguments_max = 0,
	.description =
		"Pauses the job and waits until the printer says that it is paused. An\n"
		"acknowledgement alone is no proof: where the job goes on nevertheless, or "
		"nothing\n"
		"shows in time, the exit status is 8. It is 7 where the printer refuses, or there\n"
		"is nothing to pause, and 6 where nothing is heard of the printer.",
	.groups = job_groups,
	.run = pause_run,
};

const struct cli_command resume_command = {
	.name = "resume",
	.section = "Control",
	.summary = "go on with a paused job",
	.arguments = "",
	.arguments_max = 0,
	.description = "Goes on with a paused job and waits until the printer says that it prints. "
		       "Exit\nstatus as for flagship pause.",
	.groups = job_groups,
	.run = resume_run,
};

const struct cli_command stop_command = {
	.name = "stop",
	.section = "Control",
	.summary = "end the job for good",
	.arguments = "",
	.arguments_max = 0,
	.description =
		"Ends the job, which cannot be taken up again, and waits until the printer says\n"
		"that it has. Asks first on a terminal; --yes does not. A script is not asked, so "
		"that\n"
		"a stop never fails for that. Exit status as for flagship pause.",
	.groups = job_groups,
	.run = stop_run,
};

const struct cli_command start_command = {
	.name = "start",
	.section = "Control",
	.summary = "print a file that the printer has",
	.arguments = "FILE",
	.arguments_max = 1,
	.description =
		"Starts to print a file that lies on the printer or its USB stick, named by its "
		"name\n"
		"or its path as flagship files shows them, and waits until the printer says that "
		"it\n"
		"prints it. A name is looked for on board first, then on the stick. No other file "
		"is\n"
		"ever started: where the printer does not have it (exit status 7), or does not "
		"say\n"
		"that it has loaded exactly this one (6), nothing is. Look at the plate first:\n"
		"nobody clears it for you.",
	.groups = job_groups,
	.run = start_run,
};
