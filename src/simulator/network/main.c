/* SPDX-License-Identifier: MIT */
#include "cli/output/message.h"
#include "cli/output/print.h"
#include "simulator/network/options.h"
#include "simulator/network/simulation.h"
#include "simulator/printer/playback.h"
#include "store/file/secrecy.h"

#include <flagship/error.h>
#include <flagship/flagship.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READ_FIRST    65536
#define RECORDING_MAX (256u * 1024 * 1024)

static const struct options_group *const groups[] = {
	&simulate_options_group,
	&connection_options_group,
	&key_options_group,
	NULL,
};

static int run(const struct cli_command *command, int argc, char **argv);

static const struct cli_command simulate_command = {
	.name = "simulate",
	.section = "Trying things out",
	.summary = "a printer that is not there, for trying things out",
	.arguments = "",
	.arguments_max = 0,
	.description =
		"Connects to a broker as an M5, M5C or E1 would and behaves like one: it heats,\n"
		"prints and cools, tells what changes, answers queries, obeys commands and "
		"G-code,\n"
		"and cuts its replies as the real one does. --model m5 is the default. The same\n"
		"--seed gives the same messages. Ctrl-C ends it.",
	.groups = groups,
	.run = run,
};

/* The whole file, NUL-terminated, or NULL with errno set. The caller frees it. */
static char *read_all(FILE *file, size_t *length)
{
	size_t capacity = READ_FIRST;
	char *text = malloc(capacity + 1);

	*length = 0;
	while (text) {
		*length += fread(text + *length, 1, capacity - *length, file);
		if (*length < capacity || capacity >= RECORDING_MAX) {
			break;
		}
		capacity *= 2;
		char *larger = realloc(text, capacity + 1);
		if (!larger) {
			free(text);
		}
		text = larger;
	}
	if (text && (ferror(file) || *length >= RECORDING_MAX)) {
		errno = ferror(file) ? errno : EFBIG;
		free(text);
		return NULL;
	}
	return text;
}

static char *read_file(const char *name, size_t *length)
{
	FILE *file = fopen(name, "re");

	if (!file) {
		return NULL;
	}
	char *text = read_all(file, length);
	int error = errno;
	fclose(file);
	errno = error;
	return text;
}

static int load_recording(const char *name, struct playback *playback)
{
	size_t length;
	size_t bad_line;
	char *text = read_file(name, &length);

	if (!text) {
		cli_error("cannot read the recording %s: %s", name, strerror(errno));
		return CLI_FAILED;
	}
	int error = playback_init(playback, text, length, &bad_line);
	free(text);
	if (error == FLAGSHIP_ERROR_ARGUMENT) {
		cli_error("the recording %s holds no message: each line is an object with "
			  "commandType, or an array of them",
			  name);
		return CLI_FAILED;
	}
	if (error) {
		cli_error("the recording %s, line %zu: %s", name, bad_line,
			  flagship_strerror(error));
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct simulate_options options = {0};
	struct connection_options connection_options = {0};
	struct key_options key_options = {0};
	struct connection connection = {0};
	struct playback playback = {0};
	char first_serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	int result = simulate_options_parse(command, argc, argv, &options, &connection_options,
					    &key_options);

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (options.prefix) {
		simulate_serial(options.prefix, 1, first_serial);
		connection_options.serial = first_serial;
	}
	result = connection_init(&connection, &connection_options, &key_options);
	if (connection.model == FLAGSHIP_MODEL_UNKNOWN) {
		connection.model = FLAGSHIP_MODEL_M5;
	}
	if (result == OPTIONS_RUN && options.replay) {
		result = load_recording(options.replay, &playback);
	}
	if (result == OPTIONS_RUN) {
		result = simulation_run(&options, &connection, options.replay ? &playback : NULL);
	}
	playback_finish(&playback);
	connection_finish(&connection);
	return result;
}

int main(int argc, char **argv)
{
	streams_hold();
	core_dump_forbid();
	if (argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
		print_to(stdout, "flagship %s\n", flagship_version());
		return streams_end(CLI_DONE);
	}
	return streams_end(run(&simulate_command, argc - 1, argv + 1));
}
