/* SPDX-License-Identifier: MIT */
#include "daemon/http/peers.h"

#include <flagship/error.h>

#include <stdlib.h>

#define BURST_S  4
#define MILLI    1000
#define MS_PER_S 1000

int http_peers_init(struct http_peers *peers, const struct http_peer_limits *limits)
{
	*peers = (struct http_peers){.limits = *limits, .room = limits->all + HTTP_ENDING_MAX};
	peers->items = calloc(peers->room, sizeof(*peers->items));
	if (limits->requests_per_s > 0) {
		peers->rates = calloc(HTTP_RATES_MAX, sizeof(*peers->rates));
	}
	if (!peers->items || (limits->requests_per_s > 0 && !peers->rates)) {
		http_peers_finish(peers);
		return FLAGSHIP_ERROR_MEMORY;
	}
	return 0;
}

void http_peers_finish(struct http_peers *peers)
{
	free(peers->items);
	free(peers->rates);
	*peers = (struct http_peers){0};
}

static bool counts(const struct http_peer *peer, const struct address_key *address)
{
	return peer->used && !peer->doomed &&
	       (!address ||
		(!peer->trusted && !peer->local && address_same(&peer->address, address)));
}

size_t http_peers_count(const struct http_peers *peers, const struct address_key *address)
{
	size_t count = 0;

	for (size_t i = 0; i < peers->room; i++) {
		count += counts(&peers->items[i], address);
	}
	return count;
}

static bool is_trusted(const struct http_peers *peers, const struct address_key *address)
{
	for (size_t i = 0; i < peers->trusted_count; i++) {
		if (address_same(&peers->trusted[i], address)) {
			return true;
		}
	}
	return false;
}

static size_t most_of(const struct http_peers *peers, const struct address_key *address)
{
	return is_trusted(peers, address) ? peers->limits.of_trusted : peers->limits.of_address;
}

static struct http_peer *find_idlest(struct http_peers *peers, const struct address_key *address,
				     bool silent, bool trusted)
{
	struct http_peer *found = NULL;

	for (size_t i = 0; i < peers->room; i++) {
		struct http_peer *peer = &peers->items[i];

		if (counts(peer, address) && (trusted || !peer->trusted) &&
		    peer->step != HTTP_STEP_WORK && (peer->silent || !silent) &&
		    (!found || peer->since_ms < found->since_ms)) {
			found = peer;
		}
	}
	return found;
}

static size_t count_silent(const struct http_peers *peers, const struct address_key *address)
{
	size_t count = 0;

	for (size_t i = 0; i < peers->room; i++) {
		count += counts(&peers->items[i], address) && peers->items[i].silent;
	}
	return count;
}

static struct http_peer *victim_of(struct http_peers *peers, const struct address_key *address,
				   size_t most)
{
	if (http_peers_count(peers, address) < most) {
		return NULL;
	}
	struct http_peer *victim = find_idlest(peers, address,
					       2 * count_silent(peers, address) >= most, false);
	/* Whom we trust has no right to all of them. */
	return victim ? victim : find_idlest(peers, address, false, true);
}

struct http_peer *http_peers_victim(struct http_peers *peers, const struct address_key *address)
{
	struct http_peer *victim = address ? victim_of(peers, address, most_of(peers, address))
					   : NULL;

	return victim ? victim : victim_of(peers, NULL, peers->limits.all);
}

struct http_peer *http_peers_add(struct http_peers *peers, const struct address_key *address,
				 int64_t now_ms)
{
	if ((address && http_peers_count(peers, address) >= most_of(peers, address)) ||
	    http_peers_count(peers, NULL) >= peers->limits.all) {
		return NULL;
	}
	for (size_t i = 0; i < peers->room; i++) {
		if (!peers->items[i].used) {
			peers->items[i] = (struct http_peer){
				.address = address ? *address : (struct address_key){{0}},
				.since_ms = now_ms,
				.opened_ms = now_ms,
				.used = true,
				.silent = true,
				.local = !address,
			};
			return &peers->items[i];
		}
	}
	return NULL;
}

void http_peer_step(struct http_peer *peer, enum http_step step, int64_t now_ms)
{
	if (peer->step == HTTP_STEP_HEAD && step != HTTP_STEP_HEAD) {
		peer->requests++;
	}
	peer->silent = false;
	peer->step = step;
	peer->since_ms = now_ms;
	peer->moved = 0;
	peer->moved_at_ms = now_ms;
	peer->streams = false;
}

void http_peer_move(struct http_peer *peer, size_t bytes, int64_t now_ms)
{
	peer->moved += bytes;
	peer->moved_at_ms = now_ms;
}

void http_peer_excuse(struct http_peer *peer, int64_t passed_ms, int64_t now_ms)
{
	peer->since_ms += passed_ms;
	peer->moved_at_ms = now_ms;
}

bool http_peer_is_overdue(const struct http_peers *peers, const struct http_peer *peer,
			  int64_t now_ms)
{
	int64_t allowed_ms = peers->limits.step_ms;

	if (peer->step == HTTP_STEP_WORK || peer->step == HTTP_STEP_STREAM) {
		return false;
	}
	if (peer->streams) {
		if (now_ms - peer->moved_at_ms >= allowed_ms) {
			return true;
		}
		allowed_ms += (int64_t)(peer->moved * MS_PER_S / peers->limits.stream_rate);
	}
	return now_ms - peer->since_ms >= allowed_ms;
}

bool http_peer_is_worn(const struct http_peers *peers, const struct http_peer *peer, int64_t now_ms)
{
	return !peer->trusted && (peer->requests >= peers->limits.requests ||
				  now_ms - peer->opened_ms >= peers->limits.lifetime_ms);
}

/* The address's own, else a free one, else the one that was used longest ago: it is full again, or
 * so many addresses ask that the bound of connections counts. */
static struct http_rate *find_rate(struct http_peers *peers, const struct address_key *address)
{
	struct http_rate *found = &peers->rates[0];

	for (size_t i = 0; i < HTTP_RATES_MAX; i++) {
		struct http_rate *rate = &peers->rates[i];

		if (rate->used && address_same(&rate->address, address)) {
			return rate;
		}
		if (found->used && (!rate->used || rate->at_ms < found->at_ms)) {
			found = rate;
		}
	}
	found->used = false;
	return found;
}

int64_t http_peers_count_request(struct http_peers *peers, const struct address_key *address,
				 int64_t now_ms)
{
	int64_t per_s = peers->limits.requests_per_s;
	int64_t most = per_s * BURST_S * MILLI;

	if (!peers->rates || is_trusted(peers, address)) {
		return 0;
	}
	struct http_rate *rate = find_rate(peers, address);
	if (!rate->used) {
		*rate = (struct http_rate){
			.address = *address, .at_ms = now_ms, .left_milli = most, .used = true};
	}
	int64_t passed_ms = now_ms - rate->at_ms;
	rate->left_milli = passed_ms >= BURST_S * MS_PER_S ? most
							   : rate->left_milli + passed_ms * per_s;
	rate->left_milli = rate->left_milli > most ? most : rate->left_milli;
	rate->at_ms = now_ms;
	if (rate->left_milli >= MILLI) {
		rate->left_milli -= MILLI;
		return 0;
	}
	return 1;
}

void http_peers_add_trusted(struct http_peers *peers, const struct address_key *address)
{
	size_t place = peers->next_trusted;

	if (is_trusted(peers, address)) {
		return;
	}
	peers->trusted[place] = *address;
	peers->next_trusted = (place + 1) % HTTP_TRUSTED_MAX;
	if (peers->trusted_count < HTTP_TRUSTED_MAX) {
		peers->trusted_count++;
	}
}

bool http_peers_trust(struct http_peers *peers, struct http_peer *peer)
{
	peer->trusted = true;
	if (is_trusted(peers, &peer->address)) {
		return false;
	}
	http_peers_add_trusted(peers, &peer->address);
	return true;
}
