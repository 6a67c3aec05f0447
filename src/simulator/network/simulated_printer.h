/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_NETWORK_SIMULATED_PRINTER_H
#define SIMULATOR_NETWORK_SIMULATED_PRINTER_H

#include "simulator/printer/faults.h"
#include "simulator/printer/sealer.h"
#include "simulator/printer/virtual_printer.h"
#include "transport/mqtt/session.h"

#include <flagship/topic.h>

#include <stdbool.h>
#include <stdint.h>

struct simulation;

/* A virtual printer with its faults and its connection. There may be thousands: keep it small. */
struct simulated_printer {
	struct simulation *simulation;
	struct virtual_printer printer;
	struct faults faults;
	struct sealer sealer;
	struct random_source churn_random;
	struct mqtt_session *session; /* NULL while it is away */
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	bool opening; /* the first try is not over */
	bool ready;   /* once subscribed: the printer's clock runs */
	bool connected;
	bool closing;        /* its session is */
	uint64_t return_ms;  /* of the loop's clock, when it connects again; 0 = it is not away */
	uint64_t churned_ms; /* when churn last had its chance */
	uint64_t last_ms;
	double simulated_ms; /* since it was ready */
	int64_t played_ms;   /* of simulated_ms, given to the printer */
	uint64_t received;   /* messages, good or not */
	uint64_t malformed;  /* of them */
	uint64_t published;
};

/* name may be NULL. printer must stay where it is. */
void simulated_printer_init(struct simulated_printer *printer, struct simulation *simulation,
			    const char *serial, const char *name);

/* After the loop has ended. A zeroed value is accepted. */
void simulated_printer_finish(struct simulated_printer *printer);

/* Opens its connection. Errors: those of mqtt_session_create. */
int simulated_printer_start(struct simulated_printer *printer);

/* Closes its connection for good. */
void simulated_printer_stop(struct simulated_printer *printer);

/* The time of the loop's clock has come to now_ms. */
void simulated_printer_advance(struct simulated_printer *printer, uint64_t now_ms);

/* struct mqtt_session_handlers' on_message. */
void simulated_printer_receive(void *context, const char *topic, uint8_t *data, size_t length);

/* struct faults_output's publish: to the network. */
void simulated_printer_send(void *context, enum flagship_topic_kind kind, const char *json,
			    size_t length);

/* struct virtual_printer_output's publish and note. */
void simulated_printer_publish(void *context, enum flagship_topic_kind kind, const char *json,
			       size_t length);
void simulated_printer_note(void *context, const char *line);

/* Publishes what a recording holds up to now. */
void simulated_printer_play(struct simulated_printer *printer, int64_t simulated_ms);

/* One line on stderr with model and serial number; detail may be NULL. */
void simulated_printer_report(const struct simulated_printer *printer, const char *text,
			      const char *detail);

#endif
