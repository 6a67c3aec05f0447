/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PUSH_INTERNAL_H
#define GATEWAY_PUSH_INTERNAL_H

#include "base/memory/list.h"
#include "gateway/children/program.h"
#include "gateway/push/book.h"
#include "gateway/push/burst.h"
#include "gateway/push/notice.h"
#include "gateway/push/pace.h"
#include "gateway/push/push.h"
#include "gateway/rest/rest.h"

#include <limits.h>

#define PUSH_LOG_PART "push"

/* What became of a message. */
enum push_outcome {
	PUSH_DELIVERED,   /* the push service has it */
	PUSH_REFUSED,     /* the push service does not take it, or is none that may be asked */
	PUSH_UNREACHABLE, /* it may go better later */
	PUSH_GONE,        /* the browser gave its subscription up, or it was removed here */
};

struct push_result {
	enum push_outcome outcome;
	int64_t status;        /* of the push service; 0: there was no answer */
	int64_t retry_after_s; /* 0: it did not say */
	const char *detail;    /* for people */
};

/* On its way to a push service. */
struct push_message {
	struct list place;
	struct push *push;
	char id[PUSH_ID_SIZE]; /* of the subscription */
	char user[ACCESS_NAME_SIZE];
	struct push_treatment treatment;
	uint64_t service;   /* a number of the push service's own */
	int64_t number;     /* by which flagship-webpush calls it */
	int64_t expires_ms; /* on the loop's clock, as the next */
	int64_t due_ms;
	unsigned int tries;
	bool is_out;                  /* flagship-webpush has it */
	bool is_test;                 /* somebody waits for what becomes of it, */
	struct http_request *request; /* here; NULL: he is gone */
	size_t length;
	char text[];
};

/* What is known of a device beside its subscription. */
struct push_device {
	struct list place;
	char id[PUSH_ID_SIZE];
	struct push_burst burst;
};

/* What happened to a printer just now, and may go on. */
struct push_pending {
	struct list place;
	struct push_notice notice;
	int64_t due_ms;
};

struct push {
	uv_loop_t *loop;
	struct push_options options;
	char program[PATH_MAX];
	struct push_book *book;
	struct fleet_listener listener;
	struct push_pace pace;
	struct list pending;      /* struct push_pending, the first one due first */
	struct list devices;      /* struct push_device */
	struct list *last_device; /* that was looked for; the head: none */
	struct list messages;     /* struct push_message that wait, the oldest first */
	struct list out;          /* those that flagship-webpush has */
	size_t message_count;     /* of both */
	unsigned int out_count;
	int64_t last_number;
	struct program *child; /* NULL: none runs */
	bool child_ends;       /* it is given no more */
	bool is_stopped;
};

/* --- push.c --- */

/* There is something to be done soon. */
void push_wake(struct push *push);
/* The subscriptions of those who are no users any more go. */
void push_tidy(struct push *push);
/* Whether its user may still be told, and sees this printer; serial "": of none. */
bool push_may_tell(const struct push *push, const struct push_subscription *subscription,
		   const char *serial);

/* --- watch.c --- */

void watch_on_event(void *context, struct fleet_printer *printer,
		    const struct printer_event *event);
/* Tells what is due. When the next thing is; INT64_MAX: none. */
int64_t watch_beat(struct push *push, int64_t now_ms);
void watch_forget(struct push *push);

/* --- outbox.c --- */

/* request: of a test, whose answer it is; else NULL. False for want of memory. */
bool outbox_add(struct push *push, const struct push_subscription *subscription,
		const struct push_treatment *treatment, const char *text, size_t length,
		struct http_request *request);
/* Whether a test of this device goes on. */
bool outbox_has_test(const struct push *push, const char *id);
/* Sends what is due. When the next thing is; INT64_MAX: none. What waits for others to be answered
 * goes with their answers. */
int64_t outbox_beat(struct push *push, int64_t now_ms);
void outbox_forget(struct push *push);
/* flagship-webpush has it from now on. */
void outbox_hand_out(struct push *push, struct push_message *message);
/* By what flagship-webpush found out, or by its end. */
void outbox_take_result(struct push *push, struct push_message *message,
			const struct push_result *result);

/* --- turn.c --- */

#define TURN_OUT_MAX       32 /* messages on their way at once */
#define TURN_SERVICE_SHARE 8  /* of one push service */
#define TURN_USER_SHARE    4  /* of one user's devices */

/* By which a push service is told from others. */
uint64_t turn_service_of(const char *endpoint);
/* The oldest one that may go now; NULL: none. */
struct push_message *turn_next(const struct push *push, int64_t now_ms);

/* --- child.c --- */

/* Has flagship-webpush send those whose turn it is, and end where there is nothing more. */
void child_send(struct push *push, int64_t now_ms);

/* --- api.c --- */

extern const struct http_route push_routes[];
extern const size_t push_route_count;
void api_respond_test(struct http_request *request, const struct push_result *result);

#endif
