/* SPDX-License-Identifier: MIT */
#include "gateway/push/internal.h"

#include "base/base64.h"
#include "base/clock.h"
#include "gateway/push/book_text.h"
#include "gateway/sentences/sentences.h"
#include "webpush/vapid.h"

#include <flagship/error.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/crypto.h>

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define MEMBERS  "endpoint keys events printers language name"
#define ALL_SIZE 8
#define KEY_TEXT (BASE64_URL_LENGTH(WEBPUSH_POINT_SIZE) + 1)

/* --- whose they are --- */

/* The user who asks; NULL where it is none, nor a gateway without users. */
static const char *asker_of(const struct push *push, const struct http_request *request)
{
	const char *user = access_identity_user(access_identity(request));
	bool has_name = user && user[0] != '\0';

	return has_name || access_book_of(push->options.access)->user_count == 0 ? user : NULL;
}

static bool is_own(const struct push *push, const struct http_request *request,
		   const struct push_subscription *subscription)
{
	const char *asker = asker_of(push, request);

	return asker && strcmp(subscription->user, asker) == 0;
}

/* --- what is shown --- */

struct shown {
	const struct push *push;
	const struct http_request *request;
	const struct push_subscription *one;
	const char *public_key;
	bool all;
};

static void write_words(struct json_writer *writer, const char *words)
{
	json_array_begin(writer);
	while (*words != '\0') {
		size_t length = strcspn(words, " ");

		json_string_n(writer, words, length);
		words += length + (words[length] == ' ');
	}
	json_array_end(writer);
}

/* Of the endpoint the host alone: who has the rest can write to that browser. */
static void write_subscription_shown(struct json_writer *writer,
				     const struct push_subscription *subscription)
{
	struct webpush_endpoint endpoint;

	json_object_begin(writer);
	json_member_string(writer, "id", subscription->id);
	json_member_known(writer, "name", subscription->name);
	json_member_known(writer, "user", subscription->user);
	json_member_string(
		writer, "service",
		webpush_endpoint_read(subscription->endpoint, &endpoint) ? "" : endpoint.host);
	json_key(writer, "events");
	push_kinds_write(writer, subscription->kinds);
	json_key(writer, "printers");
	if (subscription->printers[0] == '\0') {
		json_null(writer);
	} else {
		write_words(writer, subscription->printers);
	}
	json_member_string(writer, "language", subscription->language);
	json_key(writer, "created_at");
	rest_write_time(writer, subscription->created_at);
	json_object_end(writer);
}

static void write_one(struct json_writer *writer, const void *context)
{
	const struct shown *shown = context;

	write_subscription_shown(writer, shown->one);
}

static void write_all(struct json_writer *writer, const void *context)
{
	const struct shown *shown = context;

	json_object_begin(writer);
	json_member_string(writer, "public_key", shown->public_key);
	json_key(writer, "subscriptions");
	json_array_begin(writer);
	for (size_t i = 0; i < push_book_count(shown->push->book); i++) {
		const struct push_subscription *one = push_book_at(shown->push->book, i);

		if (shown->all || is_own(shown->push, shown->request, one)) {
			write_subscription_shown(writer, one);
		}
	}
	json_array_end(writer);
	json_object_end(writer);
}

static void get_subscriptions(struct http_request *request, void *context)
{
	struct push *push = context;
	struct problem problem;
	const uint8_t *scalar;
	uint8_t point[WEBPUSH_POINT_SIZE];
	char key[KEY_TEXT];
	char all[ALL_SIZE];

	push_tidy(push);
	(void)http_request_query_value(request, "all", all, sizeof(all));
	bool wants_all = strcmp(all, "true") == 0 || strcmp(all, "1") == 0;
	if (wants_all && !(access_rights(request) & ACCESS_MANAGE)) {
		rest_respond_problem(request, REST_FORBIDDEN,
				     "devices of all users are shown to admins alone");
		return;
	}
	if (push_book_key(push->book, &scalar, &problem)) {
		rest_respond_problem(request, REST_FAILED, "%s", problem.text);
		return;
	}
	if (vapid_key_point(scalar, point)) {
		rest_respond_problem(request, REST_FAILED,
				     "the key in " PUSH_FILE " is none: remove that file");
		return;
	}
	base64_url_encode(point, sizeof(point), key);
	rest_respond(
		request, REST_OK, write_all,
		&(struct shown){
			.push = push, .request = request, .public_key = key, .all = wants_all});
}

/* --- what is posted; NULL, or what is wrong, for people --- */

/* A name is looked up when it is asked; this is said at once. */
static const char *judge_host(const char *host, bool loopback)
{
	struct sockaddr_in ipv4 = {.sin_family = AF_INET};
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};
	enum webpush_reach reach = WEBPUSH_PUBLIC;

	if (inet_pton(AF_INET, host, &ipv4.sin_addr) == 1) {
		reach = webpush_reach_of((const struct sockaddr *)(const void *)&ipv4);
	} else if (inet_pton(AF_INET6, host, &ipv6.sin6_addr) == 1) {
		reach = webpush_reach_of((const struct sockaddr *)(const void *)&ipv6);
	}
	if (reach == WEBPUSH_PUBLIC || (reach == WEBPUSH_LOOPBACK && loopback)) {
		return NULL;
	}
	return "the endpoint is an address of a private network, which no push service has";
}

static const char *take_endpoint(const struct push *push, const cJSON *body,
				 struct push_subscription *out)
{
	const struct settings *settings = gateway_printers_settings(push->options.printers);
	const char *url = rest_body_text(body, "endpoint");
	bool loopback = settings && strcmp(settings_get(settings, "push", "loopback"), "true") == 0;
	struct webpush_endpoint endpoint;
	const char *reason = webpush_endpoint_read(url, &endpoint);

	if (!reason) {
		reason = judge_host(endpoint.host, loopback);
	}
	if (!reason) {
		memcpy(out->endpoint, url, strlen(url) + 1);
	}
	return reason;
}

static const char *take_keys(const cJSON *keys, struct webpush_target *target)
{
	const char *point = rest_body_text(keys, "p256dh");
	const char *auth = rest_body_text(keys, "auth");

	if (!base64_url_decode(point, target->point, sizeof(target->point)) ||
	    webpush_point_check(target->point) ||
	    !base64_url_decode(auth, target->auth, sizeof(target->auth))) {
		return "'keys' are p256dh, a point of P-256, and auth, 16 bytes, both in base64url";
	}
	return NULL;
}

static const char *take_events(const cJSON *list, unsigned int *kinds)
{
	const cJSON *item;

	*kinds = 0;
	cJSON_ArrayForEach(item, list)
	{
		enum push_kind kind = cJSON_IsString(item) ? push_kind_of(item->valuestring)
							   : PUSH_KINDS;

		if (kind == PUSH_KINDS) {
			*kinds = 0;
			break;
		}
		*kinds |= 1U << kind;
	}
	return cJSON_IsArray(list) && *kinds ? NULL
					     : "'events' are some of finished, failed, paused, "
					       "plate and offline";
}

/* null is all; what somebody may not see is the same to him as what is not there. */
static const char *take_printers(const struct http_request *request, const cJSON *list,
				 char out[PUSH_PRINTERS_SIZE])
{
	size_t used = 0;
	const cJSON *item;

	out[0] = '\0';
	if (!list || cJSON_IsNull(list)) {
		return NULL;
	}
	cJSON_ArrayForEach(item, list)
	{
		const char *serial = cJSON_GetStringValue(item);
		int length = serial ? snprintf(out + used, PUSH_PRINTERS_SIZE - used, "%s%s",
					       used > 0 ? " " : "", serial)
				    : -1;

		if (length < 0 || used + (size_t)length >= PUSH_PRINTERS_SIZE ||
		    !flagship_serial_valid(serial) || !access_may_see(request, serial)) {
			used = 0;
			break;
		}
		used += (size_t)length;
	}
	return cJSON_IsArray(list) && used > 0 ? NULL
					       : "'printers' are serial numbers of printers that "
						 "you see, 60 at most, or null for all";
}

static const char *take_texts(const cJSON *body, struct push_subscription *out)
{
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(body, "name");
	const char *language = rest_body_text(body, "language");

	if (!push_language_known(language)) {
		return "'language' is en, de, fr, es or zh";
	}
	memcpy(out->language, language, strlen(language) + 1);
	if (name && !cJSON_IsNull(name) &&
	    (!cJSON_IsString(name) || strlen(name->valuestring) >= sizeof(out->name))) {
		return "'name' of the device is a text of at most 63 bytes, or null";
	}
	snprintf(out->name, sizeof(out->name), "%s", rest_body_text(body, "name"));
	return NULL;
}

static const char *take_subscription(const struct push *push, const struct http_request *request,
				     const cJSON *body, struct push_subscription *out)
{
	const char *reason = take_endpoint(push, body, out);

	if (!reason) {
		reason = take_keys(cJSON_GetObjectItemCaseSensitive(body, "keys"), &out->target);
	}
	if (!reason) {
		reason = take_events(cJSON_GetObjectItemCaseSensitive(body, "events"), &out->kinds);
	}
	if (!reason) {
		reason = take_printers(request, cJSON_GetObjectItemCaseSensitive(body, "printers"),
				       out->printers);
	}
	return reason ? reason : take_texts(body, out);
}

/* --- changes --- */

static void keep_subscription(struct push *push, struct http_request *request,
			      struct push_subscription *subscription)
{
	const struct access_user *user = access_book_user(access_book_of(push->options.access),
							  subscription->user);
	struct problem problem;

	subscription->user_since = user ? user->created_at : 0;
	subscription->created_at = clock_unix_s();
	push_tidy(push);
	int error = push_id_of(subscription->endpoint, subscription->id)
			    ? push_book_put(push->book, subscription, &problem)
			    : problem_memory(&problem);
	access_audit(push->options.access, request, "subscribe device", subscription->id,
		     error ? "failed" : "done");
	if (error) {
		rest_respond_problem(request,
				     error == FLAGSHIP_ERROR_ARGUMENT ? REST_CONFLICT : REST_FAILED,
				     "%s", problem.text);
		return;
	}
	rest_respond(request, REST_CREATED, write_one, &(struct shown){.one = subscription});
}

static void post_subscription(struct http_request *request, void *context)
{
	struct push *push = context;
	struct push_subscription subscription = {.kinds = 0};
	const char *asker = asker_of(push, request);
	cJSON *body = rest_read_body(request, MEMBERS);

	if (!body) {
		return;
	}
	if (!asker) {
		rest_respond_problem(request, REST_FORBIDDEN,
				     "a device belongs to a user: log in by name and password");
	} else {
		snprintf(subscription.user, sizeof(subscription.user), "%s", asker);
		const char *reason = take_subscription(push, request, body, &subscription);

		if (reason) {
			rest_respond_problem(request, REST_BAD_REQUEST, "%s", reason);
		} else {
			keep_subscription(push, request, &subscription);
		}
	}
	OPENSSL_cleanse(&subscription, sizeof(subscription));
	cJSON_Delete(body);
}

/* NULL where that was refused. */
static const struct push_subscription *find_for(struct push *push, struct http_request *request,
						const char *id)
{
	push_tidy(push);
	const struct push_subscription *found = push_book_find(push->book, id);
	if (found && (is_own(push, request, found) || access_rights(request) & ACCESS_MANAGE)) {
		return found;
	}
	rest_respond_problem(request, REST_NOT_FOUND, "there is no such device");
	return NULL;
}

static void delete_subscription(struct http_request *request, void *context)
{
	struct push *push = context;
	const char *id = http_request_parameter(request, "device");
	struct problem problem;

	if (!find_for(push, request, id)) {
		return;
	}
	int error = push_book_remove(push->book, id, &problem);
	access_audit(push->options.access, request, "remove device", id, error ? "failed" : "done");
	if (error) {
		rest_respond_problem(request, REST_FAILED, "%s", problem.text);
	} else {
		rest_respond_text(request, REST_NO_CONTENT, NULL, NULL, 0);
	}
}

/* --- a test --- */

static void write_result(struct json_writer *writer, const void *context)
{
	static const char *const words[] = {
		[PUSH_DELIVERED] = "delivered",
		[PUSH_REFUSED] = "refused",
		[PUSH_UNREACHABLE] = "unreachable",
		[PUSH_GONE] = "gone",
	};
	const struct push_result *result = context;

	json_object_begin(writer);
	json_member_string(writer, "outcome", words[result->outcome]);
	json_key(writer, "status");
	if (result->status > 0) {
		json_int(writer, result->status);
	} else {
		json_null(writer);
	}
	sentence_member_known(writer, "detail", result->detail);
	json_object_end(writer);
}

void api_respond_test(struct http_request *request, const struct push_result *result)
{
	rest_respond(request, REST_OK, write_result, result);
}

static void send_test(struct push *push, struct http_request *request,
		      const struct push_subscription *subscription)
{
	static const struct push_notice notice = {.serial = ""};
	struct push_treatment treatment;
	char text[PUSH_NOTICE_MAX];
	size_t length;

	push_treatment_of(PUSH_TYPE_TEST, "", &treatment);
	if (outbox_has_test(push, subscription->id)) {
		rest_respond_problem(request, REST_CONFLICT,
				     "a test of this device is on its way already");
	} else if (push_notice_write(&notice, PUSH_TYPE_TEST, subscription->language, text,
				     &length) ||
		   !outbox_add(push, subscription, &treatment, text, length, request)) {
		rest_respond_problem(request, REST_UNAVAILABLE,
				     "too many messages wait for push services: try again later");
	}
}

static void post_test(struct http_request *request, void *context)
{
	struct push *push = context;
	cJSON *body = rest_read_body(request, "id");
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(body, "id");

	if (body && !cJSON_IsString(id)) {
		rest_respond_problem(request, REST_BAD_REQUEST, "'id' names a device");
	} else if (body) {
		const struct push_subscription *found = find_for(push, request, id->valuestring);

		if (found) {
			send_test(push, request, found);
		}
	}
	cJSON_Delete(body);
}

/* --- routes --- */

#define OWN (WEB_VIEW | WEB_FILTERS)

const struct http_route push_routes[] = {
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/push",
	 .rights = OWN,
	 .handle = get_subscriptions},
	{.methods = HTTP_POST,
	 .path = REST_ROOT "/push",
	 .rights = OWN,
	 .handle = post_subscription,
	 .body_max = REST_BODY_MAX},
	{.methods = HTTP_POST,
	 .path = REST_ROOT "/push/test",
	 .rights = OWN,
	 .handle = post_test,
	 .body_max = REST_BODY_MAX},
	{.methods = HTTP_DELETE,
	 .path = REST_ROOT "/push/{device}",
	 .rights = OWN,
	 .handle = delete_subscription},
};
const size_t push_route_count = sizeof(push_routes) / sizeof(push_routes[0]);
