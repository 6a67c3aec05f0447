/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_PRINTER_FAULT_PLAN_H
#define SIMULATOR_PRINTER_FAULT_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAULT_PLAN_LATE_MAX_MS INT64_C(3600000)
#define FAULT_PLAN_SKEW_MAX_S  INT64_C(1000000000)

/* How a simulated printer misbehaves: what --fault NAME[=VALUE] says. Zeroed: not at all. */
struct fault_plan {
	double drop_replies;     /* probability that a reply is lost; what it answers is done */
	double malformed;        /* probability that a message arrives damaged */
	int64_t late_replies_ms; /* replies come so much later, in real time; 0 = at once */
	bool other_type_replies; /* replies to commands carry the next higher type */
	bool ack_no_effect;      /* commands are answered with 0, and nothing is done */
	bool refuse;             /* commands are answered with 1, and nothing is done */
	double churn; /* probability, each second, that it drops its connection for a while */
	int64_t clock_skew_s;    /* its clock is ahead by so much */
	bool silent;             /* it is connected, and neither says nor does anything */
	bool stays_at_end;       /* at 100 % its jobs go on for ever (protocol.md 3.1) */
	bool resumes_as_3;       /* a job that goes on has state 3, not 1 */
	int64_t late_updates_ms; /* so long after a job's end, in real time, it tells of it again */
	bool retained;           /* what it publishes is retained by the broker */
	/* On the local network. */
	double lan_loss;        /* probability that a datagram is lost, in each direction */
	bool lan_silent;        /* it takes sessions, and answers no upload */
	bool lan_busy;          /* somebody else has its only session */
	bool lan_large;         /* its camera shows large pictures, whatever it is told */
	bool lan_old_handshake; /* it answers uploads in the old form alone */
	bool lan_typed_replies; /* it answers each kind of piece by its own kind */
	bool lan_crash;         /* it dies in the middle of an upload */
	int64_t lan_late_ms;    /* it answers uploads so much later, in real time */
	int64_t lan_result;     /* what it answers the end of a file with; 0 = what is due */
};

/* NULL-terminated, as messages for people list them: "drop-replies=P", … */
extern const char *const fault_plan_names[];

/* Adds one fault, written NAME or NAME=VALUE. False where it is none, or the value is not taken;
 * then nothing changes. */
bool fault_plan_add(struct fault_plan *plan, const char *text);

#endif
