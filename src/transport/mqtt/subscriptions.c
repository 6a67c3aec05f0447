/* SPDX-License-Identifier: MIT */
#include "transport/mqtt/subscriptions.h"

#include <flagship/error.h>

#include <mosquitto.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_LEAST 16
#define FNV_OFFSET    2166136261u
#define FNV_PRIME     16777619u

void subscriptions_init(struct subscriptions *subscriptions)
{
	*subscriptions = (struct subscriptions){0};
	list_init(&subscriptions->wanted);
	list_init(&subscriptions->settled);
	list_init(&subscriptions->unwanted);
	list_init(&subscriptions->forgotten);
}

static struct subscription *subscription_at(struct list *place)
{
	return LIST_OF(place, struct subscription, place);
}

static void free_all(struct list *head)
{
	while (!list_is_empty(head)) {
		/* Removing the first moves the next to its place.
		 * NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		struct subscription *subscription = subscription_at(head->next);

		list_remove(&subscription->place);
		free(subscription);
	}
}

void subscriptions_finish(struct subscriptions *subscriptions)
{
	if (!subscriptions->wanted.next) {
		return;
	}
	free_all(&subscriptions->wanted);
	free_all(&subscriptions->settled);
	free_all(&subscriptions->unwanted);
	free_all(&subscriptions->forgotten);
	free((void *)subscriptions->buckets);
	subscriptions_init(subscriptions);
}

/* --- the table --- */

static size_t bucket_of(size_t bucket_count, const char *topic)
{
	uint32_t hash = FNV_OFFSET;

	for (; *topic != '\0'; topic++) {
		hash = (hash ^ (unsigned char)*topic) * FNV_PRIME;
	}
	return hash & (bucket_count - 1);
}

/* Where the topic is, or NULL. */
static struct subscription **find_topic(const struct subscriptions *subscriptions,
					const char *topic)
{
	struct subscription **at;

	if (subscriptions->bucket_count == 0) {
		return NULL;
	}
	at = &subscriptions->buckets[bucket_of(subscriptions->bucket_count, topic)];
	while (*at && strcmp((*at)->topic, topic) != 0) {
		at = &(*at)->bucket_next;
	}
	return *at ? at : NULL;
}

static bool grow_table(struct subscriptions *subscriptions)
{
	size_t count = subscriptions->bucket_count ? 2 * subscriptions->bucket_count
						   : BUCKETS_LEAST;
	struct subscription **buckets = (struct subscription **)calloc(count, sizeof(void *));

	if (!buckets) {
		return false;
	}
	for (size_t i = 0; i < subscriptions->bucket_count; i++) {
		struct subscription *next;

		for (struct subscription *at = subscriptions->buckets[i]; at; at = next) {
			size_t bucket = bucket_of(count, at->topic);

			next = at->bucket_next;
			at->bucket_next = buckets[bucket];
			buckets[bucket] = at;
		}
	}
	free((void *)subscriptions->buckets);
	subscriptions->buckets = buckets;
	subscriptions->bucket_count = count;
	return true;
}

/* --- what is wanted --- */

static int add_topic(struct subscriptions *subscriptions, const char *topic)
{
	size_t size = strlen(topic) + 1;

	if (subscriptions->count == subscriptions->bucket_count && !grow_table(subscriptions)) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	struct subscription *subscription = malloc(sizeof(*subscription) + size);
	if (!subscription) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	size_t bucket = bucket_of(subscriptions->bucket_count, topic);
	*subscription = (struct subscription){.bucket_next = subscriptions->buckets[bucket]};
	memcpy(subscription->topic, topic, size);
	subscriptions->buckets[bucket] = subscription;
	list_insert(&subscriptions->wanted, &subscription->place);
	subscriptions->count++;
	return 0;
}

static void unlink_topic(struct subscriptions *subscriptions, struct subscription **at)
{
	struct subscription *subscription = *at;

	*at = subscription->bucket_next;
	subscriptions->count--;
	subscriptions->refused -= subscription->stage == SUBSCRIPTION_REFUSED;
	list_remove(&subscription->place);
	if (subscription->stage == SUBSCRIPTION_ASKED) {
		*subscription->asked = NULL;
		subscriptions->asked--;
	}
	list_insert(subscription->stage == SUBSCRIPTION_WANTED ? &subscriptions->forgotten
							       : &subscriptions->unwanted,
		    &subscription->place);
}

void subscriptions_remove(struct subscriptions *subscriptions, const char *const *topics,
			  size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct subscription **at = find_topic(subscriptions, topics[i]);

		if (at) {
			unlink_topic(subscriptions, at);
		}
	}
}

/* Of what was added before the one that failed. */
static void take_back(struct subscriptions *subscriptions, const struct list *last_before)
{
	while (subscriptions->wanted.previous != last_before) {
		struct subscription *last = subscription_at(subscriptions->wanted.previous);

		unlink_topic(subscriptions, find_topic(subscriptions, last->topic));
	}
}

int subscriptions_add(struct subscriptions *subscriptions, const char *const *topics, size_t count)
{
	const struct list *last_before = subscriptions->wanted.previous;

	for (size_t i = 0; i < count; i++) {
		if (mosquitto_sub_topic_check(topics[i]) != MOSQ_ERR_SUCCESS) {
			return FLAGSHIP_ERROR_ARGUMENT;
		}
	}
	for (size_t i = 0; i < count; i++) {
		int error = find_topic(subscriptions, topics[i])
				    ? 0
				    : add_topic(subscriptions, topics[i]);

		if (error) {
			take_back(subscriptions, last_before);
			return error;
		}
	}
	return 0;
}

/* --- packets --- */

void subscriptions_begin_again(struct subscriptions *subscriptions)
{
	for (struct list *at = subscriptions->settled.next; at != &subscriptions->settled;
	     at = at->next) {
		subscription_at(at)->stage = SUBSCRIPTION_WANTED;
	}
	/* What came first goes first again. */
	list_move_all(&subscriptions->settled, &subscriptions->wanted);
	list_move_all(&subscriptions->wanted, &subscriptions->settled);
	list_move_all(&subscriptions->forgotten, &subscriptions->unwanted);
	memset(subscriptions->packets, 0, sizeof(subscriptions->packets));
	subscriptions->refused = 0;
	subscriptions->asked = 0;
}

struct subscriptions_packet *subscriptions_find(struct subscriptions *subscriptions, int id)
{
	for (size_t i = 0; i < SUBSCRIPTIONS_WINDOW; i++) {
		if (subscriptions->packets[i].id == id) {
			return &subscriptions->packets[i];
		}
	}
	return NULL;
}

struct subscriptions_packet *subscriptions_next(struct subscriptions *subscriptions,
						const char *topics[SUBSCRIPTIONS_PACKET_MAX])
{
	struct subscriptions_packet *packet = subscriptions_find(subscriptions, 0);
	const struct list *at = subscriptions->wanted.next;

	if (!packet || list_is_empty(&subscriptions->wanted)) {
		return NULL;
	}
	packet->count = 0;
	for (; at != &subscriptions->wanted && packet->count < SUBSCRIPTIONS_PACKET_MAX;
	     at = at->next) {
		struct subscription *subscription = LIST_OF(at, struct subscription, place);

		topics[packet->count] = subscription->topic;
		packet->topics[packet->count++] = subscription;
	}
	return packet;
}

void subscriptions_sent(struct subscriptions *subscriptions, struct subscriptions_packet *packet,
			int id)
{
	packet->id = id;
	subscriptions->asked += packet->count;
	for (size_t i = 0; i < packet->count; i++) {
		struct subscription *subscription = packet->topics[i];

		subscription->stage = SUBSCRIPTION_ASKED;
		subscription->asked = &packet->topics[i];
		list_remove(&subscription->place);
		list_insert(&subscriptions->settled, &subscription->place);
	}
}

size_t subscriptions_next_unwanted(struct subscriptions *subscriptions,
				   const char *topics[SUBSCRIPTIONS_PACKET_MAX])
{
	size_t count = 0;

	free_all(&subscriptions->forgotten);
	while (count < SUBSCRIPTIONS_PACKET_MAX && !list_is_empty(&subscriptions->unwanted)) {
		struct subscription *first = subscription_at(subscriptions->unwanted.next);

		topics[count++] = first->topic;
		list_remove(&first->place);
		list_insert(&subscriptions->forgotten, &first->place);
	}
	return count;
}

const char *subscriptions_settle(struct subscriptions *subscriptions,
				 struct subscriptions_packet *packet, size_t index, bool granted)
{
	struct subscription *subscription = index < packet->count ? packet->topics[index] : NULL;

	if (!subscription) {
		return NULL;
	}
	packet->topics[index] = NULL;
	subscription->stage = granted ? SUBSCRIPTION_GRANTED : SUBSCRIPTION_REFUSED;
	subscription->asked = NULL;
	subscriptions->refused += !granted;
	subscriptions->asked--;
	return subscription->topic;
}

void subscriptions_release(struct subscriptions_packet *packet)
{
	*packet = (struct subscriptions_packet){0};
}

bool subscriptions_are_settled(const struct subscriptions *subscriptions)
{
	return subscriptions->asked == 0 && list_is_empty(&subscriptions->wanted);
}
