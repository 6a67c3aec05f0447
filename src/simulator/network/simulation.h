/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_NETWORK_SIMULATION_H
#define SIMULATOR_NETWORK_SIMULATION_H

#include "cli/target/connection.h"
#include "simulator/network/options.h"
#include "simulator/printer/playback.h"

/*
 * Runs a simulated printer on a broker until a signal, --for or a failure ends it. playback is NULL
 * where the printer itself is simulated. Returns an enum cli_exit.
 */
int simulation_run(const struct simulate_options *options, const struct connection *connection,
		   struct playback *playback);

#endif
