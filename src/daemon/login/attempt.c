/* SPDX-License-Identifier: MIT */
#include "daemon/login/attempt.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>

void login_throttle_init(struct login_throttle *throttle)
{
	throttle->accounts.free_tries = LOGIN_ACCOUNT_TRIES;
}

void login_attempt_set_place(struct login_attempt *attempt, const struct address_key *key)
{
	attempt->key = *key;
	if (!inet_ntop(AF_INET6, key->bytes, attempt->network, sizeof(attempt->network))) {
		attempt->network[0] = '\0';
	}
}

void login_attempt_look(struct login_attempt *attempt, const struct login_throttle *throttle)
{
	attempt->familiarity = familiar_look(&throttle->familiar, attempt->identity, &attempt->key);
	/* The network stands first: of a name that is too long, the start counts. */
	snprintf(attempt->pair, sizeof(attempt->pair), "%s %s", attempt->network, attempt->name);
}

int64_t login_attempt_wait_s(const struct login_attempt *attempt,
			     const struct login_throttle *throttle, int64_t now_s)
{
	int64_t longest_s = throttle_wait_s(&throttle->pairs, attempt->pair, now_s);
	const int64_t others_s[] = {
		throttle_wait_s(&throttle->accounts, attempt->name, now_s),
		throttle_wait_s(&throttle->addresses, attempt->network, now_s),
	};

	for (size_t i = 0;
	     attempt->familiarity != FAMILIAR_PAIR && i < sizeof(others_s) / sizeof(others_s[0]);
	     i++) {
		longest_s = others_s[i] > longest_s ? others_s[i] : longest_s;
	}
	return longest_s;
}

void login_attempt_try(const struct login_attempt *attempt, struct login_throttle *throttle,
		       int64_t now_s)
{
	throttle_try(&throttle->pairs, attempt->pair, now_s);
	if (attempt->familiarity != FAMILIAR_PAIR) {
		throttle_try(&throttle->accounts, attempt->name, now_s);
		throttle_try(&throttle->addresses, attempt->network, now_s);
	}
}

/* What one address guesses wrong beyond its free tries slows that address down, not the account. */
void login_attempt_fail(const struct login_attempt *attempt, struct login_throttle *throttle,
			int64_t now_s)
{
	throttle_fail(&throttle->pairs, attempt->pair, now_s);
	if (attempt->familiarity == FAMILIAR_PAIR) {
		return;
	}
	throttle_fail(&throttle->addresses, attempt->network, now_s);
	if (throttle_failures(&throttle->pairs, attempt->pair) > THROTTLE_FREE_TRIES) {
		throttle_undo(&throttle->accounts, attempt->name);
	} else {
		throttle_fail(&throttle->accounts, attempt->name, now_s);
	}
}

void login_attempt_succeed(const struct login_attempt *attempt, struct login_throttle *throttle)
{
	throttle_succeed(&throttle->pairs, attempt->pair);
	if (attempt->familiarity != FAMILIAR_PAIR) {
		throttle_succeed(&throttle->accounts, attempt->name);
		/* An account of one's own does not make guesses at others good. */
		throttle_undo(&throttle->addresses, attempt->network);
	}
	familiar_note(&throttle->familiar, attempt->identity, &attempt->key);
}

void login_attempt_undo(const struct login_attempt *attempt, struct login_throttle *throttle)
{
	throttle_undo(&throttle->pairs, attempt->pair);
	if (attempt->familiarity != FAMILIAR_PAIR) {
		throttle_undo(&throttle->accounts, attempt->name);
		throttle_undo(&throttle->addresses, attempt->network);
	}
}
