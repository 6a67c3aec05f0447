/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_HUB_H
#define CLOUD_API_HUB_H

#include "cloud/api/calls.h"

/* The printers' own calls, below /v1/hub and /v2/hub: no token, but a code made of the printer's
 * DUID and MAC address (check_code; sec_code and sec_ts). */
void api_hub_call(struct registry *registry, const char *path, const cJSON *body,
		  struct api_answer *answer);

#endif
