/* SPDX-License-Identifier: MIT */
#include "cloud/broker/plugin/gate.h"

/* In place of the plugin's own, for a broker that has no sockets. */

void gate_open(const struct gate_options *options)
{
	(void)options;
}

bool gate_is_in_place(void)
{
	return true;
}

int gate_descriptor(const struct mosquitto *client)
{
	(void)client;
	return -1;
}

uint64_t gate_connection(int descriptor)
{
	(void)descriptor;
	return 0;
}

void gate_note_login(int descriptor)
{
	(void)descriptor;
}

void gate_note_end(void)
{
}

bool gate_takes(int descriptor, size_t bytes, size_t *owed)
{
	(void)descriptor;
	(void)bytes;
	(void)owed;
	return true;
}

void gate_run(int64_t now_s)
{
	(void)now_s;
}

struct gate_counts gate_take_counts(void)
{
	return (struct gate_counts){0};
}
