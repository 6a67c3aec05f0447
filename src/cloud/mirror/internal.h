/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_MIRROR_INTERNAL_H
#define CLOUD_MIRROR_INTERNAL_H

#include "cloud/mirror/mirror.h"
#include "cloud/mirror/plan.h"
#include "transport/mqtt/session.h"

#include <flagship/flagship.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What mirror.c, which follows the registry, and account.c, the connections of one, share. */

#define MIRROR_NONCE_BYTES  16
#define MIRROR_PROBLEM_SIZE 512
#define MIRROR_PROOF_START  "{\"flagship_mirror\":\""
#define MIRROR_PROOF_END    "\"}"
#define MIRROR_PROOF_SIZE \
	(sizeof(MIRROR_PROOF_START MIRROR_PROOF_END) + 2 * (size_t)MIRROR_NONCE_BYTES)

/*
 * A loop is an upstream that is our own broker, or one of its cluster: each message would come back
 * to where it was taken from, for ever. Equal bytes are no sign of that, since printers repeat
 * themselves. So before anything is passed on, something is said on our side alone, on the topic
 * where an account receives changes of its own: who receives it upstream is connected to ourselves.
 */
enum mirror_proof {
	PROOF_DUE,
	PROOF_REPORTED, /* our broker may not have it yet */
	PROOF_WAITS,
	PROOF_NO_LOOP, /* messages pass */
	PROOF_LOOP,
};

/* An account that the upstream did not let in. */
struct refusal {
	struct refusal *next;
	char user_id[REGISTRY_TEXT_MAX];
	char email[REGISTRY_TEXT_MAX];
	char problem[MIRROR_PROBLEM_SIZE];
	int64_t since_s; /* Unix seconds */
	bool is_loop;    /* else its login was refused */
};

/* One account: its connection up, and one down. */
struct mirrored {
	struct mirror *mirror;
	struct mirrored *next;
	struct mirror_account *who;
	struct refusal
		*refusal; /* at hand, so that it never lacks memory; NULL once it was noted */
	struct mqtt_session *upstream;
	struct mqtt_session *local;
	unsigned int open_sessions;
	bool ending;
	bool upstream_ready; /* subscribed, as far as it is let */
	bool local_ready;
	enum mirror_proof proof;
	int proof_id; /* of the message to our own broker */
	char proof_text[MIRROR_PROOF_SIZE];
	char proof_topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1]; /* "": it has none */
	uv_timer_t proof_timer;
	int64_t since_s;                   /* it is as it is, Unix seconds */
	char problem[MIRROR_PROBLEM_SIZE]; /* the last of its connection upstream; "": none */
};

/* At what is to be mirrored. The thread's while it runs. */
struct mirror_look {
	struct database_reading reading;
	bool runs;
	bool stale;                     /* whatever the version */
	const struct refusal *refusals; /* as they were when it began */
	struct mirror_account *plan;
	struct {
		const struct registry *registry;
		int64_t version;
	} seen[DATABASE_READERS_MAX];
};

struct mirror {
	uv_loop_t *loop;
	uv_timer_t timer; /* of looks at the registry */
	struct registry_service *service;
	struct mirror_look look;
	struct mirror_options options; /* with strings of our own */
	struct mirrored *accounts;
	struct refusal *refusals;
	bool stale; /* they are no longer what they should be, whatever the version */
	bool stops;
	bool timer_closed;
	/* Of the file that tells how it is. */
	uv_work_t state_work;
	char *state_text; /* that is written now; NULL: none */
	size_t state_length;
	bool state_changed; /* since then */
	void (*stopped)(void *context);
	void *stopped_context;
};

/* Takes who over. An error is logged, and the account ended. */
int mirror_start_account(struct mirror *mirror, struct mirror_account *who);
void mirror_end_account(struct mirrored *account);

void mirror_log_account(const struct mirrored *account, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Tells whoever looks that one is another than before; problem: "" where there is none. */
void mirror_state_set(struct mirrored *account, const char *problem);
void mirror_state_changed(struct mirror *mirror);

/* The last that was open is gone. */
void mirror_free_if_over(struct mirror *mirror);

#endif
