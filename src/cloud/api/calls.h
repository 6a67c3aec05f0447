/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_CALLS_H
#define CLOUD_API_CALLS_H

#include "cloud/api/answer.h"
#include "cloud/registry/registry.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What each call of the API answers, without a network: bytes of a request in, JSON out. */

#define API_TOKEN_MAX 256 /* of headers, with the NUL; longer ones are no token of ours */
#define API_BODY_MAX  ((size_t)65536)

/* Of a call that is brief: printers that it looks at, and bytes of its body. */
#define API_BRIEF_PRINTERS 32
#define API_BRIEF_BODY_MAX ((size_t)4096)

struct api_request {
	const char *method;
	const char *path;
	const char *token;  /* X-Auth-Token, or "" */
	const char *gtoken; /* Gtoken, or "" */
	const char *body;
	size_t length;
	int64_t now_s;
	bool brief; /* only if it looks at few rows */
};

/* Whether a path is a login, which login/login.h answers. */
bool api_is_login(const char *method, const char *path);

/* Whether a call looks into the registry, which api_call is given then; else it may be NULL. */
bool api_call_reads(const char *method, const char *path);

/* Everything but a login; writes nothing. service_public_hex: of this installation's password
 * exchange. */
void api_call(struct registry *registry, const char *service_public_hex, uint16_t mqtt_port,
	      const struct api_request *request, struct api_answer *answer);

/* What other programs of flagship want to know beside what the vendor tells: the member with the
 * MQTT login. */
void api_write_login(struct json_writer *writer, const struct registry_account *account,
		     uint16_t mqtt_port);

/* The printers' own calls, below /v1/hub and /v2/hub: no token, but a code made of the printer's
 * DUID and MAC address (check_code; sec_code and sec_ts). */
void api_hub_call(struct registry *registry, const char *path, const cJSON *body,
		  struct api_answer *answer);

#endif
