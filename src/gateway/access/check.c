/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/access/credentials.h"
#include "gateway/access/internal.h"
#include "gateway/access/networks.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RIGHTS_MASK    (ACCESS_VIEW | ACCESS_OPERATE | ACCESS_MANAGE)
#define LINE_SIZE      160
#define CHALLENGE_SIZE 256
#define NUMBER_SIZE    24

/* A request that waits for the hash of its password. */
struct waiting {
	struct access *access;
	struct access_question question;
	char printer[ACCESS_NAME_SIZE];
	char name[CREDENTIALS_TEXT_MAX];
};

static unsigned int rights_of(enum access_role role)
{
	static const unsigned int rights[] = {
		[ACCESS_NOBODY] = 0,
		[ACCESS_VIEWER] = ACCESS_VIEW,
		[ACCESS_OPERATOR] = ACCESS_VIEW | ACCESS_OPERATE,
		[ACCESS_ADMIN] = RIGHTS_MASK,
	};

	return rights[role];
}

unsigned int access_rights(const struct http_request *request)
{
	const struct access_identity *identity = access_identity(request);

	return identity ? rights_of(identity->grant.role) : 0;
}

/* --- refusing --- */

static bool has_digest_keys(const struct access *access)
{
	for (size_t i = 0; i < access->book.key_count; i++) {
		if (access->book.keys[i].ha1[0] != '\0') {
			return true;
		}
	}
	return false;
}

static bool presents_digest(const struct http_request *request)
{
	const char *header = http_request_header(request, "authorization");

	return header && strncasecmp(header, "Digest ", strlen("Digest ")) == 0;
}

/* Digest only where there is a key for it: browsers would ask people for a password. */
static void add_challenge(const struct access *access, struct http_request *request,
			  const struct access_question *question, bool stale)
{
	char challenge[CHALLENGE_SIZE];
	char nonce[NONCE_SIZE];

	if ((question->other_program || presents_digest(request)) && has_digest_keys(access) &&
	    nonces_make(&access->nonces, clock_steady_ms(), nonce)) {
		snprintf(challenge, sizeof(challenge),
			 "Digest realm=\"" ACCESS_DIGEST_REALM
			 "\", nonce=\"%s\", algorithm=MD5, qop=\"auth\"%s",
			 nonce, stale ? ", stale=true" : "");
	} else {
		snprintf(challenge, sizeof(challenge), "Bearer realm=\"" ACCESS_DIGEST_REALM "\"");
	}
	http_request_add_header(request, "www-authenticate", challenge);
}

static void log_wrong(struct access *access, const struct http_request *request, const char *what)
{
	char line[LINE_SIZE];
	struct access_place place;

	access_place_of(access, request, &place);
	snprintf(line, sizeof(line), "%s: %s", place.address, what);
	log_bounded(access->log, LOG_LEVEL_WARNING, ACCESS_LOG_PART, line);
}

static const char key_is_over[] = "this key has expired: ask for another one";

const char *access_refusal(const struct http_request *request, int status)
{
	if (status == ACCESS_UNAUTHORIZED && http_request_data(request) == key_is_over) {
		return key_is_over;
	}
	switch (status) {
	case ACCESS_UNAUTHORIZED:
		return "this needs a key or a login: flagship serve key add makes a key";
	case ACCESS_NOT_FOUND:
		return "there is no such printer";
	case ACCESS_TOO_MANY:
		return "too many wrong passwords: wait before the next";
	case ACCESS_UNAVAILABLE:
		return "too many logins at once: try again in a moment";
	default:
		return "this key or user may not do that, or X-CSRF-Token of its session is "
		       "missing";
	}
}

/* --- what was found out --- */

static int judge(const struct access_identity *identity, const struct access_question *question)
{
	unsigned int wanted = question->rights & RIGHTS_MASK;

	if (wanted & ~rights_of(identity->grant.role)) {
		return ACCESS_FORBIDDEN;
	}
	if (!identity->grant.printers) {
		return 0;
	}
	if (question->printer) {
		return access_grant_sees(&identity->grant, question->printer) ? 0
									      : ACCESS_NOT_FOUND;
	}
	return question->rights & ACCESS_FILTERS ? 0 : ACCESS_FORBIDDEN;
}

/* Takes the identity over; NULL is for want of memory. */
static int let_in(struct http_request *request, const struct access_question *question,
		  struct access_identity *identity)
{
	if (!identity) {
		return ACCESS_UNAVAILABLE;
	}
	http_request_set_identity(request, identity, access_identity_free);
	http_request_set_user(request, identity->name);
	return judge(identity, question);
}

static int refuse_unknown(struct access *access, struct http_request *request,
			  const struct access_question *question, const char *what)
{
	if (what) {
		log_wrong(access, request, what);
	}
	add_challenge(access, request, question, false);
	return ACCESS_UNAUTHORIZED;
}

/* --- keys --- */

static int let_key_in(struct access *access, struct http_request *request,
		      const struct access_question *question, const struct access_key *key)
{
	if (!access_key_is_over(key, clock_unix_s())) {
		return let_in(request, question, access_identity_of_key(key));
	}
	/* No handler comes to see it, and nobody writes to it.
	 * NOLINTNEXTLINE(performance-no-int-to-ptr) */
	http_request_set_data(request, (void *)(uintptr_t)key_is_over);
	return refuse_unknown(access, request, question, "a key that has expired");
}

static int check_key(struct access *access, struct http_request *request,
		     const struct access_question *question, const char *secret)
{
	const struct access_key *key = access_book_find_secret(&access->book, secret);

	return key ? let_key_in(access, request, question, key)
		   : refuse_unknown(access, request, question, "a wrong key");
}

/* A key, or what a program keeps of a login. */
static int check_bearer(struct access *access, struct http_request *request,
			const struct access_question *question, const char *secret)
{
	struct access_identity *identity = question->other_program
						   ? access_token_identity(access, secret)
						   : NULL;

	return identity ? let_in(request, question, identity)
			: check_key(access, request, question, secret);
}

/* The target as the client wrote it. */
static bool is_target(const struct http_request *request, const char *uri)
{
	const char *target = http_request_target(request);
	const char *query = http_request_query(request);
	size_t length = strlen(target);

	return strncmp(uri, target, length) == 0 &&
	       (uri[length] == '?' ? strcmp(uri + length + 1, query) == 0
				   : uri[length] == '\0' && query[0] == '\0');
}

static const struct access_key *find_digest_key(const struct access *access,
						const struct digest *digest, const char *method)
{
	const struct access_key *found = NULL;
	char expected[DIGEST_HEX_SIZE];

	for (size_t i = 0; i < access->book.key_count; i++) {
		const struct access_key *key = &access->book.keys[i];

		if (key->ha1[0] != '\0' && digest_response(digest, key->ha1, method, expected) &&
		    CRYPTO_memcmp(expected, digest->response, sizeof(expected) - 1) == 0) {
			found = key;
		}
	}
	OPENSSL_cleanse(expected, sizeof(expected));
	return found;
}

static int check_digest(struct access *access, struct http_request *request,
			const struct access_question *question, const char *text)
{
	const struct access_key *key = NULL;
	struct digest digest;

	if (digest_read(text, &digest) && strcmp(digest.username, ACCESS_DIGEST_USER) == 0 &&
	    strcmp(digest.realm, ACCESS_DIGEST_REALM) == 0 && is_target(request, digest.uri)) {
		key = find_digest_key(access, &digest, http_request_method_name(request));
	}
	if (!key) {
		return refuse_unknown(access, request, question, "a wrong digest");
	}
	if (!nonces_know(&access->nonces, digest.nonce, clock_steady_ms()) ||
	    !nonces_use(&access->nonces, digest.nonce, digest.count)) {
		add_challenge(access, request, question, true);
		return ACCESS_UNAUTHORIZED;
	}
	return let_key_in(access, request, question, key);
}

/* --- passwords --- */

static void add_retry(struct http_request *request, int64_t seconds)
{
	char text[NUMBER_SIZE];

	snprintf(text, sizeof(text), "%lld", (long long)seconds);
	http_request_add_header(request, "retry-after", text);
}

static int status_of(struct access *access, struct http_request *request,
		     const struct waiting *waiting, enum access_outcome outcome, int64_t wait_s)
{
	const struct access_user *user = access_book_user(&access->book, waiting->name);

	switch (outcome) {
	case ACCESS_RIGHT:
		return user ? let_in(request, &waiting->question,
				     access_identity_of_user(ACCESS_BY_PASSWORD, user))
			    : ACCESS_UNAUTHORIZED;
	case ACCESS_TOO_SOON:
		add_retry(request, wait_s);
		return ACCESS_TOO_MANY;
	case ACCESS_BUSY:
		add_retry(request, 1);
		return ACCESS_UNAVAILABLE;
	case ACCESS_WRONG:
	default:
		return refuse_unknown(access, request, &waiting->question, "a wrong password");
	}
}

/* Called at once, too, while the request is not put off yet. */
static void on_verified(struct http_request *request, enum access_outcome outcome, int64_t wait_s,
			void *context)
{
	struct waiting *waiting = context;

	if (request) {
		http_request_admit(request,
				   status_of(waiting->access, request, waiting, outcome, wait_s));
	}
	free(waiting);
}

static int check_password(struct access *access, struct http_request *request,
			  const struct access_question *question,
			  const struct credentials *credentials)
{
	const struct access_user *user = access_find_known(access, credentials->name,
							   credentials->secret);

	if (user) {
		return let_in(request, question, access_identity_of_user(ACCESS_BY_PASSWORD, user));
	}
	struct waiting *waiting = calloc(1, sizeof(*waiting));
	if (!waiting) {
		return ACCESS_UNAVAILABLE;
	}
	waiting->access = access;
	waiting->question = *question;
	if (question->printer) {
		snprintf(waiting->printer, sizeof(waiting->printer), "%s", question->printer);
		waiting->question.printer = waiting->printer;
	}
	snprintf(waiting->name, sizeof(waiting->name), "%s", credentials->name);
	access_verify(access, request, credentials->name, credentials->secret, on_verified,
		      waiting);
	return HTTP_LATER;
}

static int check_basic(struct access *access, struct http_request *request,
		       const struct access_question *question,
		       const struct credentials *credentials)
{
	const struct access_key *key = access_book_find_secret(&access->book, credentials->secret);

	if (key) {
		return let_key_in(access, request, question, key);
	}
	/* Whoever presents no name or password, as some programs do, presents nothing. */
	return credentials->name[0] == '\0' || credentials->secret[0] == '\0'
		       ? refuse_unknown(access, request, question, NULL)
		       : check_password(access, request, question, credentials);
}

/* --- sessions --- */

static bool is_safe(const struct http_request *request)
{
	enum http_method method = http_request_method(request);

	return method == HTTP_GET || method == HTTP_HEAD;
}

/* A browser sends the cookie whoever made it ask, so that a write also has to say what only pages
 * of ours can read; and a WebSocket where it was opened, which web_origin looked at. */
static bool is_forged(const struct http_request *request, const struct session *session)
{
	const char *csrf = http_request_header(request, "x-csrf-token");

	if (is_safe(request)) {
		return http_request_upgrades(request) && !http_request_header(request, "origin");
	}
	return !csrf || strlen(csrf) != strlen(session->csrf) ||
	       CRYPTO_memcmp(csrf, session->csrf, strlen(csrf)) != 0;
}

static int check_session(struct access *access, struct http_request *request,
			 const struct access_question *question, const struct session *session)
{
	if (is_forged(request, session)) {
		log_wrong(access, request, "a request of a session without its X-CSRF-Token");
		return ACCESS_FORBIDDEN;
	}
	return let_in(request, question, access_identity_of_session(access, session));
}

/* --- the whole --- */

static int check_nothing_presented(struct access *access, struct http_request *request,
				   const struct access_question *question,
				   const struct access_place *place)
{
	const char *networks = access->book.settings.trusted_networks;
	const struct session *session = access_session_of(access, request, place->is_tls);

	if (session) {
		return check_session(access, request, question, session);
	}
	if (question->other_program && networks[0] != '\0' &&
	    networks_have(networks, place->address)) {
		return let_in(
			request, question,
			access_identity_make(ACCESS_BY_NETWORK, place->address,
					     &(struct access_grant){.role = ACCESS_OPERATOR}));
	}
	return refuse_unknown(access, request, question, NULL);
}

/* False where the query has none; else *status. */
static bool check_query(struct access *access, struct http_request *request,
			const struct access_question *question, int *status)
{
	char token[CREDENTIALS_TEXT_MAX];
	bool found = false;

	if (is_safe(request) && http_request_query_value(request, "token", token, sizeof(token)) &&
	    token[0] != '\0') {
		struct access_identity *identity = oneshots_take(&access->oneshots, token,
								 clock_steady_s());

		found = identity != NULL;
		if (identity && !access_identity_holds(access, identity)) {
			access_identity_free(identity);
			*status = refuse_unknown(access, request, question, "a token of before");
		} else if (identity) {
			*status = let_in(request, question, identity);
		} else if (question->other_program) {
			found = true;
			*status = refuse_unknown(access, request, question, "a wrong token");
		}
	} else if (question->other_program &&
		   http_request_query_value(request, "apikey", token, sizeof(token)) &&
		   token[0] != '\0') {
		found = true;
		*status = check_key(access, request, question, token);
	} else if (question->rights & ACCESS_PASSES && question->printer &&
		   http_request_query_value(request, "pass", token, sizeof(token))) {
		struct access_identity *identity = access_pass_identity(access, question->printer,
									token);

		found = true;
		*status = identity ? let_in(request, question, identity)
				   : refuse_unknown(access, request, question, "a wrong pass");
	}
	OPENSSL_cleanse(token, sizeof(token));
	return found;
}

static int check_presented(struct access *access, struct http_request *request,
			   const struct access_question *question, const struct access_place *place,
			   const struct credentials *credentials)
{
	int status;

	switch (credentials->kind) {
	case CREDENTIALS_KEY:
		return check_bearer(access, request, question, credentials->secret);
	case CREDENTIALS_BASIC:
		return check_basic(access, request, question, credentials);
	case CREDENTIALS_DIGEST:
		return check_digest(access, request, question, credentials->digest);
	case CREDENTIALS_NONE:
		return check_query(access, request, question, &status)
			       ? status
			       : check_nothing_presented(access, request, question, place);
	case CREDENTIALS_BROKEN:
	default:
		return refuse_unknown(access, request, question, "credentials of no kind");
	}
}

int access_check(struct access *access, struct http_request *request,
		 const struct access_question *question)
{
	const struct access_grant everything = {.role = ACCESS_ADMIN};
	struct credentials credentials;
	struct access_place place;

	if ((question->rights & RIGHTS_MASK) == 0) {
		return 0;
	}
	access_place_of(access, request, &place);
	if (place.is_unix) {
		return let_in(request, question, access_identity_of_owner());
	}
	if (place.is_loopback && access_is_open(access)) {
		return let_in(request, question,
			      access_identity_make(ACCESS_BY_OPEN, "", &everything));
	}
	credentials_read(http_request_header(request, "authorization"),
			 http_request_header(request, "x-api-key"), &credentials);
	int status = check_presented(access, request, question, &place, &credentials);
	OPENSSL_cleanse(&credentials, sizeof(credentials));
	return status;
}

bool access_recognise(struct access *access, struct http_request *request)
{
	const struct access_question question = {.rights = ACCESS_VIEW | ACCESS_FILTERS};
	struct access_place place;

	if (http_request_header(request, "authorization") ||
	    http_request_header(request, "x-api-key")) {
		return false;
	}
	access_place_of(access, request, &place);
	bool is_known = place.is_unix || (place.is_loopback && access_is_open(access)) ||
			access_session_of(access, request, place.is_tls);

	return is_known && access_check(access, request, &question) == 0;
}
