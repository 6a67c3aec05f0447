/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_ACCESS_ACCESS_H
#define GATEWAY_ACCESS_ACCESS_H

#include "daemon/http/http.h"
#include "daemon/log/log.h"
#include "gateway/access/activity/activity.h"
#include "gateway/access/book.h"
#include "gateway/access/requests.h"
#include "gateway/access/sessions.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/*
 * Who asks, and whether they may. docs/security.md has the rules.
 *
 * Without users everything is allowed to programs of this machine, where the gateway listens for
 * them alone (`open_without_users`). From the first user on, and always for those who come from
 * elsewhere, a request has to present something: the cookie of a session, a key (X-Api-Key,
 * Authorization: Bearer, the password of Basic, HTTP Digest, ?apikey= in interfaces of other
 * programs), name and password by Basic, or a token that serves once (?token=). The unix socket,
 * which only the owner of the process can open, is his: an admin.
 */
struct access;

#define ACCESS_VIEW    1U /* rights: see printers, and what they did */
#define ACCESS_OPERATE 2U /* command printers, change files */
#define ACCESS_MANAGE  4U /* change accounts, users, settings */
/* Of a route about no one printer: it shows each who asks only what access_may_see lets through.
 * All others of that kind are closed to who has some printers only. */
#define ACCESS_FILTERS 8U
/* Of a route of another program's interface that shows a printer's camera: ?pass= serves, too. */
#define ACCESS_PASSES       16U

#define ACCESS_SETUP_FILE   "setup-link"
#define ACCESS_ADDRESS_SIZE 64

struct access_options {
	const char *folder;
	struct log *log;
	bool open_without_users;
	const char *proxies; /* networks whose X-Forwarded-… are believed; NULL: none */
	const char *names;   /* more names of this gateway, with blanks; NULL: none */
	bool beyond;         /* it is reached by other machines: by addresses, and by its name */
};

/* Reads access.json, and again when that changes. Errors: STORE, CRYPTO, MEMORY (with problem). */
int access_create(uv_loop_t *loop, const struct access_options *options, struct access **access,
		  struct problem *problem) __attribute__((warn_unused_result));
/* Streams of who may not have them any more are ended there, when rights change. */
void access_add_server(struct access *access, struct http_server *server);
/* access.json again; what cannot be read is logged, and changes nothing. */
void access_reload(struct access *access);
/* Before the servers go. Passwords that are being tried are given up. NULL is accepted. */
void access_stop(struct access *access);
/* Once they are gone and the loop has ended. NULL is accepted. */
void access_destroy(struct access *access);

/* --- whether a request may come --- */

/* Where a request comes from, also behind a proxy that is trusted. */
struct access_place {
	char address[ACCESS_ADDRESS_SIZE]; /* "unix" of the socket */
	struct address_key key;
	const char *host; /* as the client called it; NULL: not at all */
	bool is_unix;
	bool is_loopback; /* and not by way of a proxy */
	bool is_tls;      /* of the client's connection */
};
void access_place_of(const struct access *access, const struct http_request *request,
		     struct access_place *place);

/* NULL, or why a browser may have been led here by another site: by a name of its own (DNS
 * rebinding), or by a page of its own. */
const char *access_origin_fault(const struct access *access, const struct http_request *request,
				bool other_program);
/* An origin that the settings name, for interfaces of other programs: its answers may be read by
 * pages of it. NULL: none. */
const char *access_cors_origin(const struct access *access, const struct http_request *request);

struct access_question {
	unsigned int rights;
	bool other_program;  /* an interface of another program than the gateway's own */
	const char *printer; /* serial number of the one it is about; NULL: none */
};

/* For `authorise`: 0, the status of the refusal, or HTTP_LATER. With 0 the request has an identity.
 * What goes with a refusal (WWW-Authenticate, Retry-After) is added to the answer. */
int access_check(struct access *access, struct http_request *request,
		 const struct access_question *question);

/* On a public route: whether whoever asks is let in by the place he asks from, or by the cookie of
 * a session. The request has an identity then. Nothing that he presents beside them counts. */
bool access_recognise(struct access *access, struct http_request *request);

/* What to say where access_check refused. */
const char *access_refusal(const struct http_request *request, int status);

/* Whether what is answered may hold this printer. */
bool access_may_see(const struct http_request *request, const char *serial);

/* --- who asks --- */

enum access_kind {
	ACCESS_BY_OPEN, /* there are no users yet */
	ACCESS_BY_UNIX,
	ACCESS_BY_SESSION,
	ACCESS_BY_KEY,
	ACCESS_BY_PASSWORD,
	ACCESS_BY_NETWORK, /* that needs no key */
};

struct access_identity {
	enum access_kind kind;
	char name[ACCESS_NAME_SIZE]; /* of the user or key; of BY_NETWORK the address */
	struct access_grant grant;
	uint8_t proof[ACCESS_HASH_SIZE]; /* of password or key as it was */
	uint8_t session[ACCESS_HASH_SIZE];
	bool of_key;                  /* BY_SESSION: that was begun by a key, whose name it has */
	char maker[ACCESS_NAME_SIZE]; /* of that key; "": nobody knows */
};

/* NULL on a public route, unless access_recognise knew who asks. */
const struct access_identity *access_identity(const struct http_request *request);
/* For what outlives the request. Owned; NULL for want of memory. */
struct access_identity *access_identity_copy(const struct access_identity *identity);
/* Of whoever opened a socket that this user alone may open. Owned; NULL for want of memory. */
struct access_identity *access_identity_of_owner(void);
/* NULL is accepted. */
void access_identity_free(void *identity);
/* Whether it may still do what it could. */
bool access_identity_holds(const struct access *access, const struct access_identity *identity);
/* What it may do: ACCESS_VIEW and so on; 0 without one. */
unsigned int access_rights(const struct http_request *request);
const char *access_kind_name(enum access_kind kind);
/* The user's name; "" where nobody needs one: there are no users, or it is the owner of the
 * process. NULL of keys and networks. */
const char *access_identity_user(const struct access_identity *identity);
/* As whom pages are shown to it: the user, and of a session that was begun by a key, as of a screen
 * on a wall, who made that. NULL as above. */
const char *access_identity_shown_as(const struct access_identity *identity);
/* Whether it may not see all that it is shown as: a key of some printers alone began it. */
bool access_identity_sees_less(const struct access_identity *identity);
/* The CSRF token of the request's session; NULL where it has none. */
const char *access_csrf(struct access *access, const struct http_request *request);
const struct access_book *access_book_of(const struct access *access);

/* --- logging in --- */

enum access_outcome {
	ACCESS_RIGHT,
	ACCESS_WRONG,
	ACCESS_TOO_SOON, /* after wrong ones: wait_s */
	ACCESS_BUSY,     /* too many at once, or no memory */
};

/* A word for the audit line. */
const char *access_outcome_text(enum access_outcome outcome);

typedef void access_done(struct http_request *request, enum access_outcome outcome, int64_t wait_s,
			 void *context);

/* Calls back once, now or later; request is NULL where it is gone by then. Nothing else may watch
 * it. */
void access_verify(struct access *access, struct http_request *request, const char *name,
		   const char *password, access_done *done, void *context);

/* Makes a hash of a password; NULL: too many at once, or no memory. As above. */
typedef void access_hashed(struct http_request *request, const char *hash, void *context);
void access_hash_password(struct access *access, struct http_request *request, const char *password,
			  access_hashed *done, void *context);

/* A new session by a key, which ends with it: for browsers, which send cookies. RIGHT, WRONG, or
 * BUSY for want of randomness. */
enum access_outcome access_begin_key_session(struct access *access, struct http_request *request,
					     const char *secret);
/* A new session of the user, whose cookie goes with the answer; the one that the request came with
 * ends. False for want of randomness, or where the user is gone. */
bool access_begin_session(struct access *access, struct http_request *request, const char *user);
void access_end_session(struct access *access, struct http_request *request, bool everywhere);

/* Of the one that this identity came by. */
void access_end_session_of(struct access *access, const struct access_identity *identity);

/* --- logins that programs keep --- */

/* JSON Web Tokens, in interfaces of other programs: as Authorization: Bearer. Each names a session,
 * ends with it, and is signed with a key that ends with the process. */
#define ACCESS_TOKEN_SIZE   512
#define ACCESS_TOKEN_LIFE_S INT64_C(3600)

struct access_tokens {
	char access[ACCESS_TOKEN_SIZE];
	char refresh[ACCESS_TOKEN_SIZE]; /* makes new ones of the above, as long as the session
					    lasts */
};

/* A new session of the user, that no cookie names. To be wiped. False for want of randomness, or
 * where the user is gone. */
bool access_begin_tokens(struct access *access, const char *user, struct access_tokens *tokens)
	__attribute__((warn_unused_result));
/* False where the session is over, or this is no token of ours. name: whose it is. */
bool access_refresh_token(struct access *access, const char *refresh, char token[ACCESS_TOKEN_SIZE],
			  char name[ACCESS_NAME_SIZE]) __attribute__((warn_unused_result));

/* A token that stands for who asks, once and within ONESHOT_LIFE_S (?token=). To be wiped. False
 * for want of memory or randomness. */
bool access_make_oneshot(struct access *access, const struct http_request *request,
			 char token[SESSION_TOKEN_SIZE]);
/* The same of who asked before. */
bool access_make_oneshot_of(struct access *access, const struct access_identity *identity,
			    char token[SESSION_TOKEN_SIZE]);

/* Shows one printer's camera to images, which are loaded without keys (?pass=), as long as what
 * `identity` came by holds. False where it needs none, or none can be made. */
#define ACCESS_PASS_SIZE (32 + 1)
bool access_make_pass(const struct access_identity *identity, const char *serial,
		      char pass[ACCESS_PASS_SIZE]);

/* --- changing --- */

/* See access_book_change; what was changed counts at once. */
int access_change(struct access *access, access_apply *apply, void *change, const char **refusal,
		  struct problem *problem) __attribute__((warn_unused_result));
/* What was changed last; its requests are noted by gateway/web. */
struct activity *access_activity(struct access *access);
/* A line of the log: who, from where, what, of whom (may be NULL), and how it ended. */
void access_audit(struct access *access, const struct http_request *request, const char *action,
		  const char *subject, const char *outcome);

/* The same of what goes on while whoever asked is gone; identity: his, NULL where he had none. */
void access_audit_gone(struct access *access, const struct access_identity *identity,
		       const char *action, const char *subject, const char *outcome);

/* The same of the owner of the process, who came by its socket and not by a request. */
void access_audit_owner(struct access *access, const char *action, const char *subject,
			const char *outcome);

/* --- programs that ask for a key --- */

/* token: for the program, to be wiped. False where there are too many, or for want of randomness.
 */
bool access_ask_key(struct access *access, const struct http_request *request, const char *app,
		    const char *serial, char token[SESSION_TOKEN_SIZE])
	__attribute__((warn_unused_result));
/* NONE: no such request goes on. GRANTED: with the secret of the key that was made for it, to be
 * wiped, this once. */
enum key_request_state access_asked_key(struct access *access, const struct http_request *request,
					const char *token, const char *serial,
					char secret[ACCESS_SECRET_SIZE]);
/* Those that wait for a decision, see requests.h. */
struct key_requests *access_key_requests(struct access *access);

struct key_decision {
	bool accepts;
	enum access_role role; /* NOBODY: an operator */
	bool scoped;           /* to `printers`; else to the one that was asked */
	const char *printers;  /* NULL: all */
};

/* Of one that waits. NULL, or why it cannot be granted, for people. */
const char *access_decide_key(struct access *access, struct key_request *asked,
			      const struct key_decision *decision)
	__attribute__((warn_unused_result));

/* --- the first user --- */

#define ACCESS_SETUP_LIFE_S INT64_C(86400)

/* Writes the one-time link to the folder's setup-link where there is no user. base:
 * "http://…:7180". Errors: STORE (with problem), CRYPTO. */
int access_offer_setup(struct access *access, const char *base, struct problem *problem)
	__attribute__((warn_unused_result));
bool access_setup_is_offered(const struct access *access);
bool access_setup_fits(const struct access *access, const char *token);

#endif
