/* SPDX-License-Identifier: MIT */
#ifndef STORE_BROKER_URL_H
#define STORE_BROKER_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BROKER_URL_HOST_MAX      256
#define BROKER_URL_EXPLAINED_MAX 320
#define BROKER_URL_FORM          "a broker is written mqtts://HOST:PORT, or mqtt://HOST:PORT without TLS"

/* A broker as options, settings and accounts name it: mqtts://HOST:PORT, mqtt:// without TLS; the
 * scheme and the port may be missing. An IPv6 address stands in brackets. */
struct broker_url {
	char host[BROKER_URL_HOST_MAX];
	uint16_t port;
	bool plain;
	bool has_scheme; /* it was written out */
};

/* NULL, or what is wrong and what is to be written instead; static, and nothing of `text` in it. */
const char *broker_url_parse(const char *text, struct broker_url *url);

/* mqtts:// with this host, a name or an address of either kind. False where it does not fit; out is
 * "" then. */
bool broker_url_write(const char *host, uint16_t port, char *out, size_t capacity);

/* `text` for people: a login in it, which may hold a password, becomes "…"; cut where it is long.
 */
const char *broker_url_explain(const char *text, char out[BROKER_URL_EXPLAINED_MAX]);

#endif
