/* SPDX-License-Identifier: MIT */
#include "cli/account/look.h"

#include "cli/kit/cli.h"
#include "cli/output/json.h"
#include "cli/output/print.h"
#include "store/accounts/authority.h"
#include "store/broker_url.h"
#include "store/file/file.h"
#include "transport/dns.h"
#include "transport/tls/probe.h"
#include "vendor/import/import.h"

#include <flagship/account.h>

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define API_SCHEME "https://"
#define API_PORT   443
#define API_FORM   "an API is written https://HOST:PORT, such as https://server.lan:8443"

enum found {
	FOUND_CLOUD,     /* whose certificate is good */
	FOUND_NO_HOST,   /* the name has no address */
	FOUND_REFUSED,   /* nothing listens there */
	FOUND_NO_ANSWER, /* nor says so */
	FOUND_NO_TLS,    /* it does not speak TLS, or not ours */
	FOUND_UNTRUSTED, /* its certificate */
	FOUND_OTHER,     /* it is no flagship cloud */
};

static const char *const found_names[] = {
	[FOUND_CLOUD] = "cloud",     [FOUND_NO_HOST] = "no host",
	[FOUND_REFUSED] = "refused", [FOUND_NO_ANSWER] = "no answer",
	[FOUND_NO_TLS] = "no tls",   [FOUND_UNTRUSTED] = "untrusted",
	[FOUND_OTHER] = "other",
};

struct look {
	const char *api;
	const struct service_settings *settings;
	struct broker_url url;
	enum found found;
	struct problem detail;
	const char *advice; /* "": there is none */
	struct dns_addresses addresses;
	struct probe_tls shown; /* the certificate, where has_certificate */
	struct store_authority authorities[AUTHORITY_CERTIFICATES_MAX];
	size_t authority_count;
};

/* --- what it goes by --- */

static int read_url(struct look *look, const struct service_options *options)
{
	char text[STORE_TEXT_MAX];

	if (options->api.count != 1) {
		cli_error("say which service with one --api: %s", API_FORM);
		return CLI_USAGE;
	}
	look->api = options->api.items[0];
	const char *place = look->api + strlen(API_SCHEME);
	if (strncmp(look->api, API_SCHEME, strlen(API_SCHEME)) != 0 ||
	    strlen(place) >= sizeof(text)) {
		cli_error("%s", API_FORM);
		return CLI_USAGE;
	}
	snprintf(text, sizeof(text), "%s", place);
	if (strlen(text) > 0 && text[strlen(text) - 1] == '/') {
		text[strlen(text) - 1] = '\0';
	}
	if (strstr(text, "://") || broker_url_parse(text, &look->url)) {
		cli_error("%s", API_FORM);
		return CLI_USAGE;
	}
	const char *colon = strrchr(text, ':');
	if (!colon || strchr(colon, ']')) {
		look->url.port = API_PORT;
	}
	return OPTIONS_RUN;
}

/* The certificates of the --ca, for people to compare; nothing is wrong where there is none. */
static int read_authorities(struct look *look)
{
	struct store_file file;
	struct problem problem;

	if (look->settings->ca_file[0] == '\0') {
		return OPTIONS_RUN;
	}
	int error = store_file_read(look->settings->ca_file, &file, &problem);
	if (!error) {
		error = store_authority_read(file.text ? file.text : "", look->authorities,
					     &look->authority_count, NULL, &problem);
	}
	store_file_release(&file);
	if (error) {
		cli_error("%s", problem.text);
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

/* --- link by link: each returns whether the next one is due --- */

static bool conclude(struct look *look, enum found found, const char *advice)
{
	look->found = found;
	look->advice = advice;
	return false;
}

static bool find_addresses(struct look *look)
{
	int error = dns_resolve(look->url.host, look->url.port, &look->addresses);

	if (!error) {
		return true;
	}
	problem_set(&look->detail, "there is no address for the name %s: %s", look->url.host,
		    gai_strerror(error));
	return conclude(look, FOUND_NO_HOST,
			"check the name, or give the address of that machine in numbers");
}

/* The socket, or -1. */
static int connect_to(struct look *look, struct dns_address *reached)
{
	int error = ETIMEDOUT;

	for (size_t i = 0; i < look->addresses.count; i++) {
		int descriptor = probe_tcp(&look->addresses.items[i],
					   (int64_t)look->settings->timeout_ms);

		*reached = look->addresses.items[i];
		if (descriptor >= 0) {
			return descriptor;
		}
		error = -descriptor;
	}
	problem_set(&look->detail, "%s port %u: %s", reached->text, look->url.port,
		    strerror(error));
	if (error == ECONNREFUSED) {
		(void)conclude(
			look, FOUND_REFUSED,
			"nothing listens there: check the port, that the cloud runs, and that "
			"it listens on an address of its network (flagship cloud init --bind)");
	} else {
		(void)conclude(look, FOUND_NO_ANSWER,
			       "check that the machine is up, and firewalls on the way");
	}
	return -1;
}

static struct trust_options trust_of(const struct look *look)
{
	struct trust_options trust = service_trust(look->settings);

	trust.web = true;
	return trust;
}

static bool judge_tls(struct look *look, const struct dns_address *address,
		      const struct probe_tls *tls)
{
	if (tls->done) {
		look->shown = *tls;
		return true;
	}
	problem_set(&look->detail, "%s", tls->detail);
	if (!tls->refused) {
		return conclude(look, FOUND_NO_TLS,
				"is it the API, by default port 8443, and not the broker?");
	}
	(void)probe_certificate(address, look->url.host, (int64_t)look->settings->timeout_ms,
				&look->shown);
	return conclude(
		look, FOUND_UNTRUSTED,
		look->authority_count > 0
			? "compare the certificates: is this the CA of that cloud (ca.pem of "
			  "its folder), and is the cloud known by this name or address? "
			  "flagship cloud init --host adds one"
			: "give the CA certificate of that cloud: the file ca.pem of its "
			  "folder, which is no secret");
}

static bool shake_hands(struct look *look)
{
	struct dns_address reached = {0};
	struct trust trust = {0};
	struct probe_tls tls = {0};
	const struct trust_options options = trust_of(look);
	int descriptor = connect_to(look, &reached);

	if (descriptor < 0) {
		return false;
	}
	bool goes_on = false;
	if (trust_init(&trust, &options, look->url.host)) {
		problem_set(&look->detail, "%s", trust.detail);
		(void)conclude(look, FOUND_UNTRUSTED, "");
	} else {
		probe_tls(descriptor, &trust, (int64_t)look->settings->timeout_ms, &tls);
		goes_on = judge_tls(look, &reached, &tls);
	}
	trust_finish(&trust);
	close(descriptor);
	return goes_on;
}

static void ask_service(struct look *look)
{
	char service_key[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE];
	struct service service;
	struct service_answer answer;
	struct problem problem;
	struct service_settings settings = *look->settings;

	settings.retries = 0; /* somebody waits, and may ask again */
	(void)conclude(look, FOUND_OTHER,
		       "give the address of the API of a flagship cloud, by default port 8443");
	if (service_open(&service, look->api, &settings, NULL, &look->detail)) {
		return;
	}
	if (service_call(&service, VENDOR_SERVICE, NULL, &answer, &look->detail) == SERVICE_OK) {
		enum service_failure failure = service_answer_check(&answer, &problem);

		problem_set(&look->detail, "it is no flagship cloud%s%s", failure ? ": " : "",
			    failure ? answer.detail : "");
		if (!failure && import_service_key(answer.data, service_key)) {
			problem_set(&look->detail, "%s", "a flagship cloud answers");
			(void)conclude(look, FOUND_CLOUD, "");
		}
	}
	service_answer_finish(&answer);
	service_close(&service);
}

/* --- what is said of it --- */

static void write_certificate(struct json_writer *writer, const struct probe_tls *shown)
{
	json_key(writer, "certificate");
	if (!shown->has_certificate) {
		json_null(writer);
		return;
	}
	json_object_begin(writer);
	json_member_known(writer, "subject", shown->subject);
	json_member_known(writer, "issuer", shown->issuer);
	json_member_string(writer, "sha256", shown->fingerprint);
	member_time(writer, "not_before", shown->not_before_s);
	member_time(writer, "not_after", shown->not_after_s);
	json_object_end(writer);
}

static void write_look(struct json_writer *writer, const void *context)
{
	const struct look *look = context;

	json_object_begin(writer);
	json_member_string(writer, "api", look->api);
	json_member_string(writer, "found", found_names[look->found]);
	json_member_known(writer, "detail", look->detail.text);
	json_member_known(writer, "advice", look->advice);
	json_key(writer, "addresses");
	json_array_begin(writer);
	for (size_t i = 0; i < look->addresses.count; i++) {
		json_string(writer, look->addresses.items[i].text);
	}
	json_array_end(writer);
	write_certificate(writer, &look->shown);
	json_key(writer, "authorities");
	json_array_begin(writer);
	for (size_t i = 0; i < look->authority_count; i++) {
		json_object_begin(writer);
		json_member_known(writer, "subject", look->authorities[i].subject);
		json_member_string(writer, "sha256", look->authorities[i].sha256);
		member_time(writer, "not_after", look->authorities[i].not_after_s);
		json_object_end(writer);
	}
	json_array_end(writer);
	json_object_end(writer);
}

static void print_look(const struct look *look)
{
	for (size_t i = 0; i < look->authority_count; i++) {
		print_to(stdout, "the CA given:   %s, SHA-256 %s\n", look->authorities[i].subject,
			 look->authorities[i].sha256);
	}
	if (look->shown.has_certificate) {
		print_to(stdout, "it shows:       %s of %s, SHA-256 %s\n", look->shown.subject,
			 look->shown.issuer, look->shown.fingerprint);
	}
	if (look->found == FOUND_CLOUD) {
		print_to(stdout, "%s: a flagship cloud, whose certificate is good\n", look->api);
	}
}

static int report(const struct look *look, bool json)
{
	if (json && json_line_print(write_look, look, stdout)) {
		return CLI_FAILED;
	}
	if (!json) {
		print_look(look);
	}
	if (look->found == FOUND_CLOUD) {
		return CLI_DONE;
	}
	if (!json) {
		cli_error("%s%s%s", look->detail.text, look->advice[0] != '\0' ? "; " : "",
			  look->advice);
	}
	return look->found == FOUND_OTHER ? CLI_FAILED : CLI_CANNOT_CONNECT;
}

int look_at_service(const struct service_options *options, const struct service_settings *settings,
		    bool for_program)
{
	struct look look = {.settings = settings, .advice = ""};
	int result = read_url(&look, options);

	if (result == OPTIONS_RUN) {
		result = read_authorities(&look);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	if (find_addresses(&look) && shake_hands(&look)) {
		ask_service(&look);
	}
	return report(&look, options->json || for_program);
}
