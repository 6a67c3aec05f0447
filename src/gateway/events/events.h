/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_EVENTS_EVENTS_H
#define GATEWAY_EVENTS_EVENTS_H

#include "daemon/http/http.h"
#include "gateway/access/access.h"
#include "gateway/printers/printers.h"

#include <stddef.h>
#include <uv.h>

/*
 * What changes, for whoever listens by WebSocket or Server-Sent Events: first a snapshot, then a
 * JSON merge patch (RFC 7396) for each printer that changed, at most ten a second of each, with a
 * number each. Whoever comes back with the last number that he saw gets what he missed, as long as
 * it is kept. A change is written once for all readers; from the fortieth on they get fewer
 * patches, and with them what happens again and again.
 */
struct gateway_events;

#define GATEWAY_EVENTS_PERIOD_MS   100
#define GATEWAY_EVENTS_CROWD       20 /* readers: the periods of a patch */
#define GATEWAY_EVENTS_PERIODS_MAX 10
#define GATEWAY_EVENTS_KEPT        2048
#define GATEWAY_EVENTS_MAX         256 /* readers */

/* `printers` outlives it. Errors: MEMORY. */
int gateway_events_create(uv_loop_t *loop, struct gateway_printers *printers,
			  struct gateway_events **events) __attribute__((warn_unused_result));

/* Readers are sent away, and the loop is needed a little longer. NULL is accepted. */
void gateway_events_stop(struct gateway_events *events);
/* Once the loop runs no more, and the HTTP server is gone. NULL is accepted. */
void gateway_events_destroy(struct gateway_events *events);

/* Answers with an error of the interface; detail: one sentence for people. */
typedef void gateway_events_refuse(struct http_request *request, int status, const char *detail);

/* Answers a request with a stream: a WebSocket where it asks for one, else Server-Sent Events. The
 * query may name one printer (?printer=SERIAL), the last message seen (?after=ID), and wish for a
 * message each second (?beat=1), by whose absence a reader knows that he hears nothing. */
void gateway_events_answer(struct gateway_events *events, struct http_request *request,
			   gateway_events_refuse *refuse);

/* The message that a stream begins with, for whoever sees these printers. Who asks for what comes
 * behind it soon gets that by ?after=. Owned; NULL for want of memory. */
char *gateway_events_snapshot(struct gateway_events *events, const struct access_grant *grant,
			      size_t *length);

/* Of the numbers of messages, and of this run of the gateway: another one after each start. */
const char *gateway_events_name(const struct gateway_events *events);

/* What changed elsewhere: {"seq":…,"type":TYPE,"printer":SERIAL,TYPE:JSON}, for those who see that
 * printer. serial "": null, for those who see all. */
void gateway_events_tell(struct gateway_events *events, const char *type, const char *serial,
			 const char *json, size_t length);

/* The same, of no printer, for the pages of this user alone (access_identity_user). */
void gateway_events_tell_user(struct gateway_events *events, const char *type, const char *user,
			      const char *json, size_t length);

struct gateway_event_readers {
	size_t websockets;
	size_t streams;
};

struct gateway_event_readers gateway_events_readers(const struct gateway_events *events);

#endif
