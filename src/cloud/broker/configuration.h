/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_CONFIGURATION_H
#define CLOUD_BROKER_CONFIGURATION_H

#include "cloud/broker/certificate.h"
#include "cloud/commands/cloud.h"

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

/* Where the plugin is; told where it is not installed. OPTIONS_RUN or an exit status. */
int broker_find_plugin(char path[PATH_MAX]);

/* Writes mosquitto.conf after the settings. Mistakes are told. OPTIONS_RUN or an exit status. */
int broker_write_configuration(const struct cloud *cloud, const struct broker_bounds *bounds);

/* Into another folder, from which it is to be moved into the cloud's. */
int broker_write_configuration_to(const struct cloud *cloud, const struct broker_bounds *bounds,
				  const char *folder);

#endif
