/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_NETWORK_SIMULATION_H
#define SIMULATOR_NETWORK_SIMULATION_H

#include "cli/target/connection.h"
#include "daemon/log/log.h"
#include "daemon/run/daemon.h"
#include "simulator/network/lan.h"
#include "simulator/network/options.h"
#include "simulator/network/simulated_printer.h"
#include "simulator/printer/playback.h"
#include "transport/tls/trust.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#define RUN_ID_BYTES 6
#define RUN_ID_SIZE  (2 * RUN_ID_BYTES + 1)

/* What the simulation and its printers share: one process, one loop. */
struct simulation {
	const struct simulate_options *options;
	const struct connection *connection;
	const struct simulator_model *model;
	struct playback *playback; /* or NULL; of a single printer */
	struct simulated_printer *printers;
	size_t count;
	size_t started;       /* printers that were told to connect, from the first on */
	size_t opening;       /* of them, the first try is not over */
	size_t ready;         /* have published at least once */
	size_t connected;     /* now */
	size_t cursor;        /* whose time passes next */
	size_t reported;      /* how many were connected when that was last told */
	uint64_t reported_ms; /* of the loop's clock */
	struct trust trust;
	/* In client ids: of this process, so that two that simulate the same printer do not throw
	 * each other out by accident. */
	char run_id[RUN_ID_SIZE];
	char address[TRUST_HOST_MAX]; /* of the broker, once the first printer found it */
	struct log log; /* of the daemon: of trouble alone, as people read what is reported here */
	struct daemon daemon;
	struct daemon_part connections;
	struct daemon_part lan_part;
	struct simulated_lan *lan; /* NULL without --lan */
	uv_timer_t clock;
	uv_timer_t end;
	uv_signal_t asked; /* for the counts */
	bool stopping;
};

/*
 * Runs a simulated printer on a broker until a signal, --for or a failure ends it. playback is NULL
 * where the printer itself is simulated. Returns an enum cli_exit.
 */
int simulation_run(const struct simulate_options *options, const struct connection *connection,
		   struct playback *playback);

/* Ends everything; the loop ends with the last connection. */
void simulation_stop(struct simulation *simulation, int exit_status);

/* What a printer tells of its connection. */
void simulation_on_event(struct simulation *simulation, struct simulated_printer *printer,
			 const struct mqtt_session_event *event);

/* A printer dropped its connection itself. */
void simulation_on_left(struct simulation *simulation);

/* Connects more printers where few are connecting. */
void simulation_connect_more(struct simulation *simulation);

/* Now and then says how many of many printers are connected, where that has changed. */
void simulation_report_connected(struct simulation *simulation);

/* One line of JSON on standard output: what was received and done. */
void simulation_print_counts(const struct simulation *simulation);

#endif
