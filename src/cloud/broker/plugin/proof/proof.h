/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_PLUGIN_PROOF_PROOF_H
#define CLOUD_BROKER_PLUGIN_PROOF_PROOF_H

#include "cloud/broker/plugin/proof/challenge.h"
#include "cloud/registry/registry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROOF_DIGEST_SIZE 32

/* What a payload says of who made it. */
enum proof {
	PROOF_UNTESTED, /* the registry has no key of this printer, or this is a part of a message
			 */
	PROOF_MISFIT,   /* the key does not open it */
	PROOF_OPENS,    /* it does, but it may be a recording, or of somebody who forges GCM */
	PROOF_GOES_ON,  /* it answers a question of the cloud, and more of them follow */
	PROOF_WRONG,    /* it answers another question than the one that was asked */
	PROOF_GIVEN,    /* it answers the cloud's question, as only who has the key can now */
};

/*
 * What a payload proves of a client that says it is this printer. challenge: what the cloud has
 * asked this very client, NULL or unanswered: nothing is proven. The GCM shape proves nothing: its
 * nonce is fixed, so that whoever received two messages with known text can forge a third.
 */
enum proof proof_check(struct registry *registry, struct challenge *challenge, const char *serial,
		       const void *payload, size_t length);

/* SHA-256 of the key that the registry has for this printer; false where it has none. */
bool proof_key_digest(struct registry *registry, const char *serial,
		      uint8_t digest[PROOF_DIGEST_SIZE]);

#endif
