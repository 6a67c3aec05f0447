/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_PRINTER_FAULTS_H
#define SIMULATOR_PRINTER_FAULTS_H

#include "simulator/machine/random.h"
#include "simulator/printer/fault_plan.h"
#include "simulator/printer/virtual_printer.h"

#include <flagship/topic.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAULTS_SCHEDULE_MAX 512

struct faults_output {
	/* As virtual_printer_output's. */
	void (*publish)(void *context, enum flagship_topic_kind kind, const char *json,
			size_t length);
	void *context;
};

/*
 * Stands between a virtual printer and the network, and spoils what goes through as its plan says.
 * Chance comes from the seed: the n-th reply has the same fate in every run, and so has the n-th
 * frame. No I/O and no clock.
 */
struct faults {
	const struct fault_plan *plan; /* borrowed */
	struct faults_output output;
	struct random_source reply_random;
	struct random_source frame_random;
	int64_t now_ms;            /* real, as last told */
	struct held_reply *held;   /* late replies, first due first */
	struct held_reply **after; /* where the next one goes */
	/* late-updates: the last report of the job, and when it comes again; 0 = not. */
	char schedule[FAULTS_SCHEDULE_MAX];
	int64_t schedule_due_ms;
	uint64_t dropped;
	uint64_t damaged;
};

/* output: where what is left goes. faults must stay where it is. */
void faults_init(struct faults *faults, const struct fault_plan *plan, uint64_t seed,
		 const struct faults_output *output);

/* Forgets replies that are still held. A zeroed value is accepted. */
void faults_finish(struct faults *faults);

/* Takes what the virtual printer publishes. */
void faults_publish(struct faults *faults, enum flagship_topic_kind kind, const char *json,
		    size_t length);

/* Lets real time pass: late replies that are due go out. */
void faults_advance(struct faults *faults, int64_t now_ms);

/* As virtual_printer_receive, where the faults let it through. */
int faults_receive(struct faults *faults, struct virtual_printer *printer,
		   enum flagship_topic_kind kind, const void *json, size_t length);

/* Damages a sealed message in place, or leaves it as it is. Returns its length, which is never
 * more. */
size_t faults_damage(struct faults *faults, uint8_t *frame, size_t length);

#endif
