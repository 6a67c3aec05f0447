/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "apply.h"
#include "guarded.h"

#include <stdio.h>
#include <string.h>

void guarded_receive(struct printer_state *state, const char *json)
{
	assert_int_equal(apply_json(state, json, 0, NULL, NULL), 0);
}

void guarded_set_job(struct printer_state *state, const char *value)
{
	char json[64];

	snprintf(json, sizeof(json), "{\"commandType\":1000,\"subType\":1,\"value\":%s}", value);
	guarded_receive(state, json);
}

void guarded_init(struct printer_state *state, struct printer_profile *profile,
		  enum flagship_model model, const char *job_state)
{
	printer_state_init(state, NULL, NULL, model);
	printer_profile_init(profile, model);
	guarded_set_job(state, job_state);
	guarded_receive(state, "[{\"commandType\":1003,\"currentTemp\":20000,\"targetTemp\":20000},"
			       "{\"commandType\":1004,\"currentTemp\":6000,\"targetTemp\":6000},"
			       "{\"commandType\":1021,\"value\":-50}]");
	if (strcmp(job_state, "0") != 0) {
		guarded_receive(state, "{\"commandType\":1001,\"name\":\"a.gcode\"}");
	}
}
