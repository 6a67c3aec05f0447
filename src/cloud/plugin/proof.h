/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_PLUGIN_PROOF_H
#define CLOUD_PLUGIN_PROOF_H

#include "cloud/registry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROOF_DIGEST_SIZE 32

/* What a payload says of who made it. */
enum proof {
	PROOF_UNTESTED, /* the registry has no key of this printer, or this is a part of a message
			 */
	PROOF_MISFIT,   /* the key does not open it */
	PROOF_OPENS,    /* it does, but clients could have made it too */
	PROOF_GIVEN,    /* it does, and it says what printers alone say */
};

/*
 * Whether a payload was encrypted with the key that the registry has for this printer, and says
 * what printers alone say: who can do that is the printer. What clients send is no proof, since it
 * could be sent back by whoever hears it.
 */
enum proof proof_check(struct registry *registry, const char *serial, const void *payload,
		       size_t length);

/* SHA-256 of the key that the registry has for this printer; false where it has none. */
bool proof_key_digest(struct registry *registry, const char *serial,
		      uint8_t digest[PROOF_DIGEST_SIZE]);

#endif
