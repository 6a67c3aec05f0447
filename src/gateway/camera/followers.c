/* SPDX-License-Identifier: MIT */
#include "gateway/camera/internal.h"

#include <string.h>

/* Those who follow a camera for longer, by film or moving JPEGs: how many there may be. */

static bool has_own_name(const struct access_identity *identity)
{
	return identity && identity->kind != ACCESS_BY_OPEN && identity->kind != ACCESS_BY_UNIX;
}

static bool is_of_key(const struct access_identity *identity)
{
	return identity->kind == ACCESS_BY_KEY || identity->of_key;
}

/* A user and a key may be called alike; an address is no name. */
static bool is_same_user(const struct access_identity *one, const struct access_identity *other)
{
	return has_own_name(one) && has_own_name(other) && is_of_key(one) == is_of_key(other) &&
	       (one->kind == ACCESS_BY_NETWORK) == (other->kind == ACCESS_BY_NETWORK) &&
	       strcmp(one->name, other->name) == 0;
}

static size_t count_of(const struct list *all, const struct access_identity *identity)
{
	size_t count = 0;

	for (const struct list *at = all->next; at != all; at = at->next) {
		count += !identity ||
			 is_same_user(LIST_OF(at, struct follower, place)->identity, identity);
	}
	return count;
}

bool followers_admit(struct list *all, struct http_request *request, struct follower *follower)
{
	const struct access_identity *identity = access_identity(request);

	follower->identity = NULL;
	if (count_of(all, NULL) >= FOLLOWERS_MAX) {
		rest_respond_problem(request, REST_UNAVAILABLE,
				     "%d follow this camera already, and no more may",
				     FOLLOWERS_MAX);
		return false;
	}
	if (identity && count_of(all, identity) >= FOLLOWERS_OF_ONE) {
		rest_respond_problem(request, REST_UNAVAILABLE,
				     "you follow this camera %d times already: close one of them",
				     FOLLOWERS_OF_ONE);
		return false;
	}
	follower->identity = identity ? access_identity_copy(identity) : NULL;
	if (identity && !follower->identity) {
		rest_respond_problem(request, REST_UNAVAILABLE, "out of memory");
		return false;
	}
	list_insert(all, &follower->place);
	return true;
}

void followers_drop(struct follower *follower)
{
	list_remove(&follower->place);
	access_identity_free(follower->identity);
	follower->identity = NULL;
}
