/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_CALLS_H
#define CLOUD_API_CALLS_H

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

/* `code` of an answer. The vendor's own numbers are not known, but for 0. */
enum api_code {
	API_OK = 0,
	API_BAD_REQUEST = 400,
	API_NOT_LOGGED_IN = 401,
	API_NOT_SIGNED = 403,
	API_TOO_MANY = 429,
	API_BROKEN = 500,
	API_BUSY = 503,
	API_WRONG_LOGIN = 26006,
	API_WRONG_CODE = 26008,
	API_OTHER_SERVICE_KEY = 26010,
};

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

struct api_answer {
	int status; /* of HTTP */
	enum api_code code;
	const char *message;
	cJSON *data;           /* owned by the answer; NULL: none */
	int64_t retry_after_s; /* 0: no such header */
	bool note_due;         /* registry_note_token of the request's token */
	bool postponed;        /* was to be brief, and is not: nothing is answered */
};

/* Whether a path is a login, which api_login.h answers. */
bool api_is_login(const char *method, const char *path);

/* Whether a call looks into the registry, which api_call is given then; else it may be NULL. */
bool api_call_reads(const char *method, const char *path);

/* Everything but a login; writes nothing. service_public_hex: of this installation's password
 * exchange. */
void api_call(struct registry *registry, const char *service_public_hex, uint16_t mqtt_port,
	      const struct api_request *request, struct api_answer *answer);

/* {"code":…,"msg":…,"data":…}, the last of which an error does not have: programs look into what is
 * there. The caller frees it. NULL where there is no memory. */
char *api_answer_text(const struct api_answer *answer);
void api_answer_finish(struct api_answer *answer);

void api_answer_fail(struct api_answer *answer, int status, enum api_code code,
		     const char *message);

/* What other programs of flagship want to know beside what the vendor tells: the MQTT login. */
void api_add_login(cJSON *data, const struct registry_account *account, uint16_t mqtt_port);

/* The printers' own calls, below /v1/hub and /v2/hub: no token, but a code made of the printer's
 * DUID and MAC address (check_code; sec_code and sec_ts). */
void api_hub_call(struct registry *registry, const char *path, const cJSON *body,
		  struct api_answer *answer);

#endif
