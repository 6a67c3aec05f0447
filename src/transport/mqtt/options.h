/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_MQTT_OPTIONS_H
#define TRANSPORT_MQTT_OPTIONS_H

#include "transport/mqtt/session.h"

#include <stdint.h>

/*
 * The options of a session with strings of its own, defaults filled in and a random client id where
 * none was given; trust is left out, a shared one borrowed. *seed is random. Errors: MEMORY, CRYPTO
 * (no randomness); mqtt_options_finish is due either way.
 */
int mqtt_options_copy(struct mqtt_session_options *copy, const struct mqtt_session_options *options,
		      uint64_t *seed);

/* Wipes the password and frees. A zeroed value is accepted. */
void mqtt_options_finish(struct mqtt_session_options *copy);

#endif
