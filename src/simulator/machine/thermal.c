/* SPDX-License-Identifier: MIT */
#include "simulator/machine/thermal.h"

#include <math.h>
#include <stdlib.h>

#define CENTI            100
#define REACHED_WITHIN_C 1.0

void thermal_init(struct thermal *thermal, const struct thermal_profile *profile, double ambient_c)
{
	*thermal = (struct thermal){
		.profile = profile,
		.ambient_c = ambient_c,
		.temperature_c = ambient_c,
		.reading_centi_c = llround(ambient_c * CENTI),
	};
	if (profile->whole_degrees) {
		thermal->reading_centi_c = llround(ambient_c) * CENTI;
	}
}

void thermal_set_target(struct thermal *thermal, double target_c)
{
	thermal->target_c = fmin(fmax(target_c, 0), thermal->profile->maximum_c);
}

/* The share of full power that keeps a part at its target. */
static double holding_power(const struct thermal *thermal)
{
	const struct thermal_profile *profile = thermal->profile;

	return profile->loss_per_s * (thermal->target_c - thermal->ambient_c) / profile->rise_c_s;
}

static double controller_demand(const struct thermal *thermal)
{
	double missing_c = thermal->target_c - thermal->temperature_c;

	if (thermal->target_c <= thermal->ambient_c) {
		return 0;
	}
	if (fabs(missing_c) < thermal->profile->hysteresis_c) {
		return thermal->demand;
	}
	double demand = holding_power(thermal) + missing_c / thermal->profile->band_c;
	return fmin(fmax(demand, 0), 1);
}

void thermal_step(struct thermal *thermal, double seconds)
{
	const struct thermal_profile *profile = thermal->profile;
	double loss = profile->loss_per_s * (thermal->temperature_c - thermal->ambient_c);

	thermal->demand = controller_demand(thermal);
	thermal->power += (thermal->demand - thermal->power) * fmin(seconds / profile->lag_s, 1);
	thermal->temperature_c += (profile->rise_c_s * thermal->power - loss) * seconds;
}

void thermal_sample(struct thermal *thermal, struct random_source *random)
{
	const struct thermal_profile *profile = thermal->profile;
	double measured_c = thermal->temperature_c + random_noise(random, profile->noise_c);
	int64_t measured = llround(measured_c * CENTI);

	if (profile->whole_degrees) {
		measured = llround(measured_c) * CENTI;
	}
	if ((double)llabs(measured - thermal->reading_centi_c) >= profile->step_c * CENTI) {
		thermal->reading_centi_c = measured;
	}
}

bool thermal_is_reached(const struct thermal *thermal)
{
	return thermal->target_c <= 0 ||
	       fabs(thermal->temperature_c - thermal->target_c) < REACHED_WITHIN_C ||
	       thermal->target_c <= thermal->ambient_c;
}

int64_t thermal_target_centi_c(const struct thermal *thermal)
{
	return llround(thermal->target_c * CENTI);
}
