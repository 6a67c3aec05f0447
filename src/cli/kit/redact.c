/* SPDX-License-Identifier: MIT */
#include "cli/kit/redact.h"

#include <stdio.h>
#include <string.h>

#define REDACT_HIDDEN     "(hidden)"
#define REDACT_USER_SHOWN 8 /* characters */

static const struct options_option redact_table[] = {
	{.name = "show-secrets",
	 .kind = OPTIONS_FLAG,
	 .help = "print keys, tokens and passwords too",
	 .offset = offsetof(struct redact_options, show_secrets)},
};

const struct options_group redact_options_group = OPTIONS_GROUP("Secrets", redact_table);

const char *redact_secret(const struct redact_options *options, const char *secret)
{
	return options->show_secrets || secret[0] == '\0' ? secret : REDACT_HIDDEN;
}

const char *redact_email(const struct redact_options *options, const char *email, char *out,
			 size_t capacity)
{
	const char *at = strrchr(email, '@');

	if (options->show_secrets || email[0] == '\0') {
		snprintf(out, capacity, "%s", email);
	} else if (!at || at == email || (unsigned char)email[0] > '~') {
		snprintf(out, capacity, REDACT_HIDDEN);
	} else {
		snprintf(out, capacity, "%c***%s", email[0], at);
	}
	return out;
}

const char *redact_user_id(const struct redact_options *options, const char *user_id,
			   char out[REDACT_USER_ID_MAX])
{
	if (options->show_secrets || strlen(user_id) <= REDACT_USER_SHOWN) {
		return user_id;
	}
	snprintf(out, REDACT_USER_ID_MAX, "%.*s…", REDACT_USER_SHOWN, user_id);
	return out;
}

void redact_mqtt_username(const struct redact_options *options, char *username, size_t capacity)
{
	char shown[REDACT_USER_ID_MAX];
	char *user_id = strchr(username, '_');

	if (!user_id) {
		return;
	}
	user_id++;
	const char *text = redact_user_id(options, user_id, shown);
	if (text != user_id) {
		snprintf(user_id, capacity - (size_t)(user_id - username), "%s", text);
	}
}
