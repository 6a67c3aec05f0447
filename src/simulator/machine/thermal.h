/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_MACHINE_THERMAL_H
#define SIMULATOR_MACHINE_THERMAL_H

#include "simulator/machine/random.h"

#include <stdbool.h>
#include <stdint.h>

/* How one heated part behaves. Temperatures in °C, times in seconds. */
struct thermal_profile {
	double rise_c_s;     /* rate at full power, at ambient temperature */
	double loss_per_s;   /* share of the excess over ambient that is lost in a second */
	double lag_s;        /* how slowly the heat reaches the sensor */
	double band_c;       /* below the target by this much: full power */
	double hysteresis_c; /* as near to the target as this, the power is left as it is */
	double noise_c;      /* amplitude of the sensor's noise */
	double step_c;       /* the reading follows in steps of this */
	bool whole_degrees;  /* the sensor tells whole degrees only */
	double maximum_c;    /* of the target */
};

/* One heated part: heater, mass and sensor. */
struct thermal {
	const struct thermal_profile *profile;
	double ambient_c;
	double target_c; /* 0 = off */
	double temperature_c;
	double demand;           /* of the controller, 0 to 1 */
	double power;            /* that arrives at the sensor, 0 to 1 */
	int64_t reading_centi_c; /* what the sensor last told */
};

/* Cold and off. profile is borrowed. */
void thermal_init(struct thermal *thermal, const struct thermal_profile *profile, double ambient_c);

/* Clamped to 0 … profile->maximum_c. */
void thermal_set_target(struct thermal *thermal, double target_c);

/* Lets time pass; steps of at most a second keep the model stable. */
void thermal_step(struct thermal *thermal, double seconds);

/* Reads the sensor anew into reading_centi_c. */
void thermal_sample(struct thermal *thermal, struct random_source *random);

/* At the target, or no heating is wanted. */
bool thermal_is_reached(const struct thermal *thermal);

int64_t thermal_target_centi_c(const struct thermal *thermal);

#endif
