/* SPDX-License-Identifier: MIT */
#ifndef TEST_GUARD_GUARDED_H
#define TEST_GUARD_GUARDED_H

#include "printer/profile.h"
#include "printer/state/state.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define REASON_MAX   256

/* A printer whose commands are judged. What cannot be read fails the test. */

void guarded_receive(struct printer_state *state, const char *json);

/* value: of 1000, as digits. */
void guarded_set_job(struct printer_state *state, const char *value);

/* Heated, with a Z offset of -0.50 mm, and with a job where it has one. */
void guarded_init(struct printer_state *state, struct printer_profile *profile,
		  enum flagship_model model, const char *job_state);

#endif
