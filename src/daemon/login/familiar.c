/* SPDX-License-Identifier: MIT */
#include "daemon/login/familiar.h"

#include <stdio.h>
#include <string.h>

static bool is_of(const struct familiar_pair *pair, const char *user_id)
{
	return pair->order > 0 && strncmp(pair->user_id, user_id, sizeof(pair->user_id) - 1) == 0;
}

enum familiarity familiar_look(const struct familiar *familiar, const char *user_id,
			       const struct address_key *address)
{
	enum familiarity found = FAMILIAR_STRANGER;

	for (size_t i = 0; i < FAMILIAR_MAX; i++) {
		const struct familiar_pair *pair = &familiar->pairs[i];
		bool account = user_id[0] != '\0' && is_of(pair, user_id);
		bool place = pair->order > 0 && address_same(&pair->address, address);

		if (account && place) {
			return FAMILIAR_PAIR;
		}
		if (account || place) {
			found = FAMILIAR_HALF;
		}
	}
	return found;
}

/* The same, or in place of the oldest: of the account where it has its share, else of all. */
static struct familiar_pair *place_for(struct familiar *familiar, const char *user_id,
				       const struct address_key *address)
{
	struct familiar_pair *oldest = &familiar->pairs[0];
	struct familiar_pair *own = NULL;
	size_t count = 0;

	for (size_t i = 0; i < FAMILIAR_MAX; i++) {
		struct familiar_pair *pair = &familiar->pairs[i];

		if (pair->order < oldest->order) {
			oldest = pair;
		}
		if (!is_of(pair, user_id)) {
			continue;
		}
		if (address_same(&pair->address, address)) {
			return pair;
		}
		count++;
		own = !own || pair->order < own->order ? pair : own;
	}
	return count >= FAMILIAR_OF_ACCOUNT_MAX ? own : oldest;
}

void familiar_note(struct familiar *familiar, const char *user_id,
		   const struct address_key *address)
{
	if (user_id[0] == '\0') {
		return;
	}
	struct familiar_pair *pair = place_for(familiar, user_id, address);
	snprintf(pair->user_id, sizeof(pair->user_id), "%.*s", (int)sizeof(pair->user_id) - 1,
		 user_id);
	pair->address = *address;
	pair->order = ++familiar->order;
}
