/* SPDX-License-Identifier: MIT */
#ifndef CLI_KIT_REDACT_H
#define CLI_KIT_REDACT_H

#include "cli/kit/options.h"

#include <stdbool.h>
#include <stddef.h>

/* Secrets are shown where --show-secrets is given, and nowhere else. */
struct redact_options {
	bool show_secrets;
};

/* --show-secrets; its target is a struct redact_options. */
extern const struct options_group redact_options_group;

/* For a token, key or password: the same text, or "(hidden)"; "" stays so. */
const char *redact_secret(const struct redact_options *options, const char *secret);

/*
 * For an e-mail address, which is the MQTT password of the account too: the same text, or enough to
 * know whose it is, "a***@example.com". What is no address is hidden as a whole. Returns out, which
 * is cut at its end where it is too small.
 */
const char *redact_email(const struct redact_options *options, const char *email, char *out,
			 size_t capacity);

#define REDACT_USER_ID_MAX 32

/*
 * For a user id, which is half of the MQTT login: the same text, or as much as tells accounts apart
 * and names one on the command line, "2379577c…". Returns out, or the id itself.
 */
const char *redact_user_id(const struct redact_options *options, const char *user_id,
			   char out[REDACT_USER_ID_MAX]);

/* For the user name of the MQTT login, in whose end the user id is. In place. */
void redact_mqtt_username(const struct redact_options *options, char *username, size_t capacity);

#endif
