/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_OCTOPRINT_STATE_H
#define GATEWAY_OCTOPRINT_STATE_H

#include "base/json/writer.h"
#include "fleet/service.h"
#include "gateway/files/files.h"

#include <stdbool.h>

/* A printer as OctoPrint shows one. */

enum octoprint_mode {
	OCTOPRINT_OFFLINE, /* or nothing was received yet */
	OCTOPRINT_ERROR,   /* a grave one stands, and nothing is printed */
	OCTOPRINT_OPERATIONAL,
	OCTOPRINT_PRINTING,
	OCTOPRINT_PAUSING,
	OCTOPRINT_PAUSED,
	OCTOPRINT_RESUMING,
	OCTOPRINT_CANCELLING,
};

/* What is asked of it counts, too: a pause that is under way makes it pausing. */
enum octoprint_mode octoprint_mode(const struct service *commands,
				   const struct fleet_printer *printer);
/* Exactly as Cura wants it: "Operational", "Printing"… */
const char *octoprint_mode_text(enum octoprint_mode mode);
/* "OPERATIONAL", as events have it. */
const char *octoprint_mode_id(enum octoprint_mode mode);
/* Whether it works on a job: printing, paused, or on the way from one to the other. */
bool octoprint_mode_has_job(enum octoprint_mode mode);

/* {"text": …, "flags": {…}} */
void octoprint_write_state(struct json_writer *writer, enum octoprint_mode mode);

/* {"actual": …, "target": …, "offset": 0}; null for what was not received. */
void octoprint_write_temperature(struct json_writer *writer,
				 const struct printer_temperature *temperature);
/* Members tool0 and bed, where the model has them. */
void octoprint_write_temperatures(struct json_writer *writer, const struct printer_state *state);

/* Members job and progress. */
void octoprint_write_job(struct json_writer *writer, const struct printer_state *state,
			 const struct files *files, enum octoprint_mode mode);

/* The file of the area that the printer's job seems to be of; NULL where there is none. */
const struct files_entry *octoprint_job_file(const struct printer_state *state,
					     const struct files *files);

#endif
