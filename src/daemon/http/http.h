/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_HTTP_HTTP_H
#define DAEMON_HTTP_HTTP_H

#include "base/net/address.h"
#include "base/problem.h"
#include "daemon/http/syntax/answer.h"
#include "daemon/http/syntax/head.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

/*
 * An HTTP/1.1 server on a libuv loop, for everything that is served: cloud and gateway alike.
 * docs/internals/http.md tells how it works and what it bounds.
 *
 * All of it belongs to the loop's thread. A request is answered once, at once or later; from then
 * on, and from the moment that its client is gone, nobody may touch it: http_request_watch tells.
 * Whatever is called back may answer, send and close, also what it is called about.
 */
struct http_server;
struct http_request;
struct http_websocket;
struct http_events;

/* --- routes --- */

enum http_body {
	HTTP_BODY_WHOLE,  /* the handler is called once the body is in memory */
	HTTP_BODY_STREAM, /* it is called with the headers, and takes the body as it comes */
};

struct http_route {
	unsigned int methods; /* a set of enum http_method; HTTP_GET stands for HTTP_HEAD, too */
	const char *path;     /* a pattern: daemon/http/syntax/path.h */
	unsigned int rights;  /* what whoever asks has to have: for `authorise` */
	void (*handle)(struct http_request *request, void *context);
	void *context; /* of the handler; NULL: that of the options */
	enum http_body body;
	uint64_t body_max; /* 0: that of the limits */
	bool quiet;        /* not in the access log */
};

/* --- server --- */

/* 0: the default, which is named here. */
struct http_limits {
	size_t connections;            /* 512; fewer where the limit of open files asks for it */
	size_t connections_of_address; /* 32 */
	size_t connections_of_trusted; /* 256: of an address that http_request_trust named */
	size_t header_bytes;           /* 8192, with the line of the request */
	uint64_t body_bytes;           /* 65536 */
	unsigned int requests;         /* 1000: of a connection */
	int64_t lifetime_ms;           /* 600000: from then on, its next answer is the last one */
	int64_t step_ms;               /* 20000: handshake and headers; body; answer */
	/* Bytes a second that a stream makes beyond a step's time, in the mean: 1024. So a long
	 * upload goes on and one that drips does not. Of bodies in memory nothing counts but
	 * the step's time. */
	uint64_t stream_rate;
	unsigned int requests_per_s; /* of an address, with bursts of four seconds; 0: no bound */
};

/* Of a request that was answered, or whose client went away. */
struct http_access {
	const char *address; /* of the client; "unix" where it came by a unix socket */
	const char *method;
	const char *path;  /* unescaped; "" where it could not be read */
	const char *user;  /* of http_request_set_user, or "" */
	int status;        /* 0: no answer was sent */
	uint64_t received; /* bytes of the body */
	uint64_t sent;     /* bytes of the body */
	int64_t duration_ms;
};

struct http_options {
	const struct http_route *routes; /* stay the caller's, and stay */
	size_t route_count;
	struct http_limits limits;
	/*
	 * Whether a request may go on to its route; NULL: each may. 0, or the status of the
	 * refusal: it is sent with `refuse`. It may answer the request itself, and returns -1 then;
	 * or HTTP_LATER, and http_request_admit is due. A body is neither read nor asked for
	 * before.
	 */
	int (*authorise)(struct http_request *request, const struct http_route *route,
			 void *context);
	/* The body of an answer that the server gives by itself (400, 404, 405, 413 …); NULL: plain
	 * text. Calls http_respond with this status. */
	void (*refuse)(struct http_request *request, int status, void *context);
	void (*log_access)(const struct http_access *access, void *context); /* may be NULL */
	/* One line for people, without an end: connections are short, a certificate cannot be read.
	 * May be NULL. */
	void (*log)(void *context, const char *line);
	/* Of every answer that has none of the same name; stay the caller's, and stay. */
	const struct http_header *headers;
	size_t header_count;
	void *context;
};

#define HTTP_LATER (-2)

/* Errors: MEMORY, ARGUMENT (libwebsockets has no libuv). */
int http_server_create(uv_loop_t *loop, const struct http_options *options,
		       struct http_server **server, struct problem *problem)
	__attribute__((warn_unused_result));

/* Where to listen. One of address, unix_path and descriptor. */
struct http_listener {
	const char
		*address; /* numeric; "0.0.0.0" all of IPv4, "::" all of IPv6, and nothing else */
	uint16_t port;    /* 0: any that is free */
	const char *unix_path; /* for this user alone; a socket there that nobody serves goes */
	int descriptor;        /* of a socket that listens already (socket activation); 0: none */
	const char *certificate_file; /* PEM with its chain; NULL: no TLS */
	const char *key_file;
	void *context; /* for http_request_listener; stays the caller's */
};

/* Errors, after which it may be tried again: ARGUMENT, MEMORY. port, which may be
 * NULL, is the one it got. */
int http_server_listen(struct http_server *server, const struct http_listener *listener,
		       uint16_t *port, struct problem *problem) __attribute__((warn_unused_result));

/* Ends the listeners with this context, which is not NULL, and their connections: at once for the
 * network, on the loop for who handles them. The context is not used any more: requests that go on
 * have NULL for it. */
void http_server_unlisten(struct http_server *server, const void *context);

/* Reads the certificates anew, all or none: connections that stand keep theirs. Error: ARGUMENT
 * (with problem), and the old ones stay. */
int http_server_reload(struct http_server *server, struct problem *problem)
	__attribute__((warn_unused_result));

/* Refuses new connections and ends those that there are, on the loop, which is needed until then.
 * NULL is accepted. */
void http_server_stop(struct http_server *server);

/* Once it was stopped and the loop runs no more. NULL is accepted. */
void http_server_destroy(struct http_server *server);

/* How many connections there are. */
size_t http_server_connections(const struct http_server *server);

/* Ends the streams of identities that may not have them any more: what they have not read is not
 * sent, nor is anything taken of them; a WebSocket is told why (1008, with the reason, of at most
 * 123 bytes). */
void http_server_end_streams(struct http_server *server, const char *reason,
			     bool (*ends)(void *context, const void *identity), void *context);

/* Of an earlier run. */
void http_server_trust(struct http_server *server, const struct address_key *address);
/* Calls back for each address that is trusted. */
void http_server_each_trusted(const struct http_server *server,
			      void (*each)(void *context, const struct address_key *address),
			      void *context);

/* --- requests --- */

enum http_method http_request_method(const struct http_request *request);
const char *http_request_method_name(const struct http_request *request);
/* Unescaped, and without any part that climbs. */
const char *http_request_path(const struct http_request *request);
/* As it came, escaped, without the query; and the query. */
const char *http_request_target(const struct http_request *request);
const char *http_request_query(const struct http_request *request);
/* One value of the query, unescaped. False, with out "", where it is absent or does not fit. */
bool http_request_query_value(const struct http_request *request, const char *name, char *out,
			      size_t capacity);
/* Of the route's pattern; NULL where it has none of this name. */
const char *http_request_parameter(const struct http_request *request, const char *name);
/* Name in small letters; NULL where there is none. */
const char *http_request_header(const struct http_request *request, const char *name);
/* The last one of several: what a proxy added to those of the client. */
const char *http_request_header_last(const struct http_request *request, const char *name);
/* Whether it asks to become a WebSocket. */
bool http_request_upgrades(const struct http_request *request);
/* With HTTP_BODY_WHOLE: the handler may change it, and it is wiped afterwards. Ends with a NUL. */
char *http_request_body(struct http_request *request, size_t *length);
/* Of the client; "unix" where it came by a unix socket. */
const char *http_request_address(const struct http_request *request);
/* What of it counts: of IPv6 the first half. */
const struct address_key *http_request_network(const struct http_request *request);
/* The context of the listener that it came by. */
void *http_request_listener(const struct http_request *request);
bool http_request_is_unix(const struct http_request *request);
bool http_request_is_tls(const struct http_request *request);
const struct http_route *http_request_route(const struct http_request *request);
/* Who asks, for the access log; what does not fit is cut. */
void http_request_set_user(struct http_request *request, const char *user);
const char *http_request_user(const struct http_request *request);
/* Who asks, as `authorise` found out. It outlives the request where that becomes a stream, and is
 * released with the connection then. */
void http_request_set_identity(struct http_request *request, void *identity,
			       void (*release)(void *identity));
/* NULL where none was set. */
void *http_request_identity(const struct http_request *request);
/* What `authorise` returns where it said HTTP_LATER before: 0, or the status of the refusal. Not
 * after the request was answered, or is gone. */
void http_request_admit(struct http_request *request, int status);
/* Of its answer, beside those that this has; is copied. What does not fit is left out. */
void http_request_add_header(struct http_request *request, const char *name, const char *value);
/* For who handles it; NULL at the start. */
void http_request_set_data(struct http_request *request, void *data);
void *http_request_data(const struct http_request *request);

/* Tells once that the client is gone before its answer was sent: the request is no more. */
void http_request_watch(struct http_request *request, void (*gone)(void *context), void *context);

/* The connection stays where others have to go, and its address may have more of them. Returns
 * whether that address is new. */
bool http_request_trust(struct http_request *request);

/* --- bodies that come in a stream --- */

enum http_flow {
	HTTP_GO_ON,
	HTTP_PAUSE, /* no more until http_request_resume, and then what is left of this piece is
		       gone: all of it was taken */
};

struct http_sink {
	/* Some of the body. May answer the request, and nothing more comes then. */
	enum http_flow (*data)(void *context, const char *bytes, size_t length);
	/* It is complete: the request is to be answered, now or later. */
	void (*end)(void *context);
};

/* To be called by the handler of a route with HTTP_BODY_STREAM, unless it answers at once. Asks the
 * client for the body where it waits for that (Expect: 100-continue). */
void http_request_receive(struct http_request *request, const struct http_sink *sink,
			  void *context);
void http_request_resume(struct http_request *request);
/* How long the body is going to be, -1 where that is not known. */
int64_t http_request_length(const struct http_request *request);

/* --- answers --- */

struct http_response {
	int status;
	const char *content_type; /* NULL: none */
	const struct http_header *headers;
	size_t header_count;
	const void *body; /* is copied, and wiped once it is sent */
	size_t length;
	bool close; /* the connection ends with it */
};

/* 204 and 304 have no body, and what answers HEAD neither, whatever stands here. A response whose
 * headers are malformed, or too long, becomes 500. */
void http_respond(struct http_request *request, const struct http_response *response);

/* 200 with what was written for this answer: with an ETag of its bytes, 304 to who has them, and
 * gzip to who takes it. The body is copied. */
void http_respond_document(struct http_request *request, const char *content_type, const void *body,
			   size_t length);
/* The same with more headers. */
#define HTTP_DOCUMENT_HEADERS 2
void http_respond_document_with(struct http_request *request, const char *content_type,
				const struct http_header *more, size_t more_count, const void *body,
				size_t length);

#define HTTP_SOURCE_WAIT   (-1) /* nothing now: http_respond_resume tells when */
#define HTTP_SOURCE_BROKEN (-2) /* no more: the connection is cut, so that the client sees it */

struct http_source {
	/* How many bytes were written, at most capacity; 0: the end; or one of the above. Called
	 * when the socket takes more, and so as slowly as the client reads. */
	ssize_t (*read)(void *context, char *out, size_t capacity);
	/* Called once, at the end or when the client is gone. */
	void (*release)(void *context);
};

/* length: of the body, -1 where it is not known. Body and length of the response do not count. */
void http_respond_stream(struct http_request *request, const struct http_response *response,
			 int64_t length, const struct http_source *source, void *context);
void http_respond_resume(struct http_request *request);

/* --- what is stored --- */

/* A file of the page, in the shapes that it was packed with; those that are NULL there are not. */
struct http_asset {
	const char *content_type;
	const char *etag;          /* with its quotes */
	const char *cache_control; /* NULL: no-cache */
	const void *bytes;
	size_t length;
	const void *gzip;
	size_t gzip_length;
	const void *brotli;
	size_t brotli_length;
};

/* With ETag, ranges and the coding that the client likes best. */
void http_respond_asset(struct http_request *request, const struct http_asset *asset);

struct http_file {
	const char *content_type; /* NULL: of the name's ending */
	const char *cache_control;
	const char *download_name; /* NULL: shown rather than saved */
	bool packed;               /* FILE.br and FILE.gz beside it are sent to who takes them */
};

/* Reads on libuv's threads. False where there is no such file, or it is none: nothing was answered
 * then. `path` is as the caller trusts it. */
bool http_respond_file(struct http_request *request, const char *path, const struct http_file *file)
	__attribute__((warn_unused_result));

#endif
