/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_NETWORK_OPTIONS_H
#define SIMULATOR_NETWORK_OPTIONS_H

#include "cli/kit/cli.h"
#include "cli/target/connection.h"
#include "simulator/printer/fault_plan.h"
#include "simulator/printer/virtual_printer.h"

#include <flagship/topic.h>

#include <stdbool.h>
#include <stdint.h>

/* What the command line says. */
struct simulate_options {
	int scenario; /* enum virtual_printer_scenario */
	const char *replay;
	double speed; /* simulated seconds in a second */
	int64_t seed;
	int64_t at_percent;
	const char *name;
	int64_t count;      /* printers */
	const char *prefix; /* of their serial numbers; NULL: one, with --serial */
	int64_t for_ms;     /* 0 = until it is stopped */
	int control;        /* enum control_form */
	bool list_as_text;  /* of files */
	bool gcm;
	struct options_list fault_texts;
	struct fault_plan faults; /* read from them */
	bool lan;
	const char *lan_address;
	const char *lan_duid; /* NULL: made of the serial number */
	bool json;            /* the counts at the end */
	bool verbose;
};

#define SIMULATE_SPEED_MAX 10000
#define SIMULATE_COUNT_MAX 100000

/* How `flagship simulate` describes itself. run is set by main.c. */
extern const struct options_group simulate_options_group;

/* The serial number of printer `number`, from 1 on: PREFIX00001. */
void simulate_serial(const char *prefix, size_t number, char out[FLAGSHIP_SERIAL_LENGTH_MAX + 1]);

/*
 * Parses argv. Returns OPTIONS_RUN, or the exit status where help was asked for or something is
 * wrong, which is reported on stderr.
 */
int simulate_options_parse(const struct cli_command *command, int argc, char **argv,
			   struct simulate_options *options, struct connection_options *connection,
			   struct key_options *key);

#endif
