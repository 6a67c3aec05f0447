/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_HTTP_INTERNAL_H
#define DAEMON_HTTP_INTERNAL_H

#include "base/memory/list.h"
#include "daemon/http/http.h"
#include "daemon/http/peers.h"
#include "daemon/http/syntax/chunked.h"
#include "daemon/http/syntax/path.h"

#include <libwebsockets.h>

/* What the parts of the server share: docs/internals/http.md has the picture. */

#define HTTP_PIECE       16384 /* of what is written at once: a TLS record */
#define HTTP_CHUNK_HEAD  10    /* its size as hex digits, and the end of the line */
#define HTTP_CHUNK_TAIL  2
#define HTTP_ADDRESS_MAX 64
#define HTTP_USER_MAX    128
#define HTTP_MS_PER_S    1000
#define HTTP_DESCRIPTORS 32 /* that libwebsockets has beside connections */

struct http_stream; /* a WebSocket, or events */

/* A certificate with its key, for all listeners that have them, and the context of OpenSSL that was
 * made of them last. Its virtual host goes by it until the server's end. */
struct http_tls {
	struct http_tls *next;
	struct lws_vhost *vhost;
	char *certificate_file;
	char *key_file;
	SSL_CTX *context;
	SSL_CTX *newer; /* while all are read anew */
};

struct http_listening {
	struct http_server *server;
	struct http_listening *next;
	uv_poll_t poll;
	int descriptor;
	char *unix_path; /* NULL: none */
	struct lws_vhost *vhost;
	struct http_tls *tls; /* NULL: none */
	void *context;
};

struct http_server {
	uv_loop_t *loop;
	struct http_options options;
	struct lws_context *context;
	struct lws_protocols protocols[2];
	struct http_listening *listenings;
	struct lws_vhost *plain; /* of all that speak no TLS */
	struct http_tls *certificates;
	struct http_peers peers;
	struct http_connection *connections;
	struct http_connection *adopting; /* while libwebsockets makes it its own */
	struct http_tls *making;          /* whose virtual host is being made */
	uv_timer_t timer;
	/* Whichever comes first sends what streams got in this turn of the loop. */
	uv_check_t after_polling;
	uv_prepare_t before_waiting;
	bool handles_open;   /* both */
	struct list sending; /* connections whose streams got something */
	size_t lingering;
	int64_t full_reported_ms; /* when a line of the log last said so; 0: never */
	int64_t date_s;
	char date[HTTP_DATE_SIZE];
	unsigned int vhosts;
	bool stopping;
	char scratch[HTTP_CHUNK_HEAD + HTTP_PIECE + HTTP_CHUNK_TAIL];
};

enum http_state {
	HTTP_STATE_HEAD,     /* no request, or the first bytes of one */
	HTTP_STATE_BODY,     /* its body is being read */
	HTTP_STATE_HANDLING, /* it is complete, or its handler has not asked for the body yet */
	HTTP_STATE_STREAM,   /* it became a WebSocket or events */
	HTTP_STATE_CLOSING,  /* the answer was the last one */
	HTTP_STATE_LINGER,   /* all is sent, and what still comes is dropped */
	HTTP_STATE_ENDING,
};

#define HTTP_EXTRA_MAX 8

struct http_identity {
	void *value;
	void (*release)(void *value);
};

/* A request from its first byte to the last one of its answer. */
struct http_request {
	struct http_connection *connection;
	struct http_head head;
	char path[HTTP_PATH_MAX];
	struct http_match match;
	const struct http_route *route;
	int64_t begun_ms;
	uint64_t received;
	uint64_t left; /* of a body whose length is known */
	struct chunked chunked;
	char *body;
	size_t body_length;
	size_t body_capacity;
	const struct http_sink *sink;
	void *sink_context;
	void (*gone)(void *context);
	void *gone_context;
	void *data;
	char user[HTTP_USER_MAX];
	struct http_identity identity;
	struct http_header extra[HTTP_EXTRA_MAX]; /* owned */
	size_t extra_count;
	int status;
	uint64_t sent;
	struct http_source source;
	void *source_context;
	int64_t source_left;
	bool has_source;
	bool source_waits;
	bool chunks; /* the answer comes in chunks */
	bool body_open;
	bool wants_body; /* the handler, or the server for it */
	bool paused;
	bool answered;
	bool deferred;        /* whether it may go on is not known yet */
	unsigned int allowed; /* methods that the path knows, with 405 */
	size_t head_length;
	char bytes[]; /* of the head: limits.header_bytes of them */
};

struct http_connection {
	struct http_server *server;
	struct lws *wsi;
	struct http_peer *peer;
	void *listener; /* its context */
	struct http_connection *next;
	struct http_connection **link;
	enum http_state state;
	struct http_request *request; /* NULL: none has begun */
	struct http_stream *stream;
	struct list sending;           /* place in the server's */
	struct http_identity identity; /* of the stream */
	char *stash;                   /* what came and could not be taken yet */
	size_t stash_length;
	char *out; /* owned: what is to be sent next */
	size_t out_length;
	size_t out_at;
	int64_t linger_ms; /* until when */
	bool closes;       /* once all is sent */
	bool cut;          /* at once: nothing that is sent could be understood */
	bool unread;       /* when it closes, bytes of the client may be under way */
	bool lingers;
	bool is_tls;
	bool is_unix;
	bool touched; /* libwebsockets' own timeout is off */
	bool held;    /* libwebsockets was told to read nothing */
	bool inside;  /* bytes are being taken: who answers does not go on with the next ones */
	char address[HTTP_ADDRESS_MAX];
};

int64_t http_now_ms(void);

/* --- listen.c --- */

void http_listening_close(struct http_listening *listening);

/* --- connection.c --- */

int http_connection_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user,
			     void *in, size_t length);
/* Whether more is read now: of what is in the way, and of what the handler wants. */
void http_connection_read_on(struct http_connection *connection);
/* What was put aside, once it can be taken: on the loop, not within this call. */
void http_connection_go_on(struct http_connection *connection);
/* A whole answer is there: it is sent at once where that goes, and the request is over then. */
void http_connection_send(struct http_connection *connection);
/* Its stream has something to send: before the loop waits, with what else comes until then. */
void http_connection_send_soon(struct http_connection *connection);
/* The end, at once and for good. */
void http_connection_kill(struct http_connection *connection);
void http_connection_free(struct http_connection *connection);

/* --- request.c --- */

/* The head is there, up to its end. */
void http_request_begin(struct http_request *request, size_t length);
/* Takes what belongs to the body; how many bytes. */
size_t http_request_take(struct http_request *request, const char *bytes, size_t length);
/* Tells whoever has to know that it ends, and releases it. */
void http_request_finish(struct http_request *request);
void http_identity_release(struct http_identity *identity);
/* The server's own answer. */
void http_request_refuse(struct http_request *request, int status);

/* --- response.c --- */

/* Sends as much as goes: of the output, of a source, of a stream. False where the connection is to
 * end. */
bool http_flush(struct http_connection *connection);
/* Appends to the output; takes nothing over. False for want of memory. */
bool http_output(struct http_connection *connection, const void *bytes, size_t length)
	__attribute__((warn_unused_result));
/* An answer begins: the request is not the handler's any more. */
void http_answer_begin(struct http_request *request, int status);
/* The head of an answer into the output. */
bool http_output_head(struct http_request *request, const struct http_response *response,
		      int64_t length) __attribute__((warn_unused_result));

/* --- stream.c --- */

void http_stream_take(struct http_stream *stream, char *bytes, size_t length);
bool http_stream_takes(const struct http_stream *stream);
/* The next piece of its queue. How many bytes; 0: there is none. */
size_t http_stream_fill(struct http_stream *stream, char *out, size_t capacity);
/* That the socket did not take yet. */
bool http_stream_has_more(const struct http_stream *stream);
bool http_stream_ended(const struct http_stream *stream);
/* Once a second. */
void http_stream_tick(struct http_stream *stream, int64_t now_ms);
/* The connection is gone. */
void http_stream_gone(struct http_stream *stream);

/* --- tls.c --- */

struct http_tls *http_tls_create(const char *certificate_file, const char *key_file,
				 struct problem *problem);
/* Error: ARGUMENT; nothing changed then. */
int http_tls_load(const struct http_tls *tls, SSL_CTX **context, struct problem *problem);
/* Makes connections of libwebsockets' context go by ours. */
void http_tls_attach(struct http_tls *tls, SSL_CTX *context);
/* NULL is accepted. */
void http_tls_destroy(struct http_tls *tls);

#endif
