/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_CONFIGURATION_H
#define CLOUD_BROKER_CONFIGURATION_H

#include "cloud/broker/certificate.h"
#include "cloud/place/place.h"

/* The names of a server's files in the folder. */
const char *broker_key_file(enum certificate_kind kind);
const char *broker_certificate_file(enum certificate_kind kind);

/* Of the setting. */
enum certificate_kind broker_certificate_kind(const struct cloud *cloud);

/* What this run lets the broker have; where nothing is given (NULL), as mosquitto has it. */
struct broker_bounds {
	unsigned int descriptors; /* open files and sockets; 0: unknown */
	unsigned int per_address; /* connections that have not logged in or are not proven */
};

/*
 * Writes mosquitto.conf after the settings into this folder, which is the cloud's or one from which
 * it is to be moved there. plugin: its file. False with a problem.
 */
bool broker_write_configuration(const struct cloud *cloud, const char *plugin,
				const struct broker_bounds *bounds, const char *folder,
				struct problem *problem);

#endif
