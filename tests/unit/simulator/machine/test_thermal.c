/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "simulator/machine/model.h"
#include "simulator/machine/thermal.h"

#include <math.h>
#include <stdlib.h>

#define STEP_S 0.1

struct heater_case {
	enum flagship_model model;
	bool bed;
	double target_c;
	double least_s; /* to heat up */
	double most_s;
	double overshoot_c;
};

/* The M5C's times are those of the capture: 45 s to 150 °C, 122 s from 25 to 60 °C. */
static const struct heater_case cases[] = {
	{FLAGSHIP_MODEL_M5C, false, 150, 30, 60, 2},  {FLAGSHIP_MODEL_M5C, false, 220, 50, 100, 2},
	{FLAGSHIP_MODEL_M5C, true, 60, 90, 150, 1.5}, {FLAGSHIP_MODEL_M5, false, 220, 50, 100, 2},
	{FLAGSHIP_MODEL_M5, true, 60, 90, 150, 1.5},  {FLAGSHIP_MODEL_M5, true, 100, 150, 600, 1.5},
	{FLAGSHIP_MODEL_M5, false, 40, 3, 30, 2},
};

static void start(const struct heater_case *item, struct thermal *thermal)
{
	const struct simulator_model *model = simulator_model_find(item->model);

	assert_non_null(model);
	thermal_init(thermal, item->bed ? &model->bed : &model->nozzle, model->ambient_c);
}

static double heat_up(const struct heater_case *item, struct thermal *thermal)
{
	double seconds = 0;

	thermal_set_target(thermal, item->target_c);
	while (!thermal_is_reached(thermal)) {
		double before_c = thermal->temperature_c;
		thermal_step(thermal, STEP_S);
		seconds += STEP_S;
		assert_true(thermal->temperature_c >= before_c);
		assert_true(seconds <= item->most_s);
	}
	return seconds;
}

static void heats_up_steadily_and_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct heater_case *item = &cases[i];
		struct thermal thermal;
		double highest_c = 0;
		start(item, &thermal);
		assert_true(heat_up(item, &thermal) >= item->least_s);
		for (int step = 0; step < 3000; step++) {
			thermal_step(&thermal, STEP_S);
			highest_c = fmax(highest_c, thermal.temperature_c);
			if (step > 1500) {
				assert_true(thermal_is_reached(&thermal));
			}
		}
		assert_true(highest_c > item->target_c);
		assert_true(highest_c <= item->target_c + item->overshoot_c);
	}
}

/* Within the band the power stays as it is, so that the temperature swings about the target. */
static void leaves_the_power_alone_near_the_target(void **state)
{
	const struct heater_case *item = &cases[2];
	struct thermal thermal;
	int unchanged = 0;
	int changed = 0;

	(void)state;
	start(item, &thermal);
	(void)heat_up(item, &thermal);
	for (int step = 0; step < 3000; step++) {
		double before = thermal.demand;
		double missing_c = item->target_c - thermal.temperature_c;
		thermal_step(&thermal, STEP_S);
		if (fabs(missing_c) < thermal.profile->hysteresis_c) {
			assert_true(thermal.demand == before);
			unchanged++;
		} else {
			changed++;
		}
	}
	assert_true(unchanged > 0 && changed > 0);
}

static void cools_down_to_ambient(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct thermal thermal;
		start(&cases[i], &thermal);
		(void)heat_up(&cases[i], &thermal);
		thermal_set_target(&thermal, 0);
		for (int step = 0; step < 600; step++) {
			thermal_step(&thermal, STEP_S);
		}
		for (int step = 0; step < 60000; step++) {
			double before_c = thermal.temperature_c;
			thermal_step(&thermal, STEP_S);
			assert_true(thermal.temperature_c <= before_c);
			assert_true(thermal.temperature_c >= thermal.ambient_c - 0.01);
		}
		assert_true(thermal.temperature_c < thermal.ambient_c + 0.1);
	}
}

static void clamps_its_target(void **state)
{
	const struct simulator_model *model = simulator_model_find(FLAGSHIP_MODEL_M5C);
	struct thermal thermal;

	(void)state;
	thermal_init(&thermal, &model->nozzle, model->ambient_c);
	thermal_set_target(&thermal, 1000);
	assert_int_equal(thermal_target_centi_c(&thermal), 31000);
	thermal_set_target(&thermal, -5);
	assert_int_equal(thermal_target_centi_c(&thermal), 0);
	assert_true(thermal_is_reached(&thermal));
	thermal_set_target(&thermal, 10);
	assert_true(thermal_is_reached(&thermal));
}

static void reports_whole_degrees_on_an_m5c(void **state)
{
	const struct simulator_model *model = simulator_model_find(FLAGSHIP_MODEL_M5C);
	struct random_source random;
	struct thermal thermal;

	(void)state;
	random_init(&random, 1, 1);
	thermal_init(&thermal, &model->nozzle, model->ambient_c);
	thermal_set_target(&thermal, 150);
	for (int step = 0; step < 1000; step++) {
		thermal_step(&thermal, STEP_S);
		thermal_sample(&thermal, &random);
		assert_int_equal(thermal.reading_centi_c % 100, 0);
	}
	assert_in_range(thermal.reading_centi_c, 14900, 15200);
}

static void keeps_noise_small(void **state)
{
	const struct simulator_model *model = simulator_model_find(FLAGSHIP_MODEL_M5C);
	struct random_source random;
	struct thermal thermal;
	bool differs = false;

	(void)state;
	random_init(&random, 1, 1);
	thermal_init(&thermal, &model->bed, model->ambient_c);
	for (int i = 0; i < 1000; i++) {
		thermal_sample(&thermal, &random);
		assert_true(llabs(thermal.reading_centi_c - 2400) <= 16);
		differs = differs || thermal.reading_centi_c != 2400;
	}
	assert_true(differs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heats_up_steadily_and_holds),
		cmocka_unit_test(leaves_the_power_alone_near_the_target),
		cmocka_unit_test(cools_down_to_ambient),
		cmocka_unit_test(clamps_its_target),
		cmocka_unit_test(reports_whole_degrees_on_an_m5c),
		cmocka_unit_test(keeps_noise_small),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("thermal", tests, NULL, NULL);
}
