/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_ENVIRONMENT_H
#define CLOUD_BROKER_ENVIRONMENT_H

/*
 * The environment of this process, with the broker's plugin loaded before all other libraries
 * (plugin/gate.h), where its name can be said there: without blanks and colons. NULL where there is
 * no memory. The caller frees it with broker_environment_free.
 */
char **broker_environment(const char *plugin);
void broker_environment_free(char **environment);

#endif
