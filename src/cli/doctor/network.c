/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "cli/doctor/doctor.h"

#include "cli/kit/cli.h"
#include "cli/output/json.h"
#include "transport/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Where the vendor's load balancer is (protocol.md 1). */
#define VENDOR_HOSTING ".amazonaws.com"

/* Of the time for one address where another one can be tried. */
#define ALTERNATIVE_SHARE 4

#define ADVICE_MORE_MAX   96

#define MS_PER_S          INT64_C(1000)

enum likeness {
	LIKE_LOCAL,
	LIKE_VENDOR,
	LIKE_OTHER,
};

static const char *const likeness_names[] = {
	[LIKE_LOCAL] = "local", [LIKE_VENDOR] = "vendor", [LIKE_OTHER] = "other"};

static const char *host_of(const struct doctor *doctor)
{
	return doctor->login->session.host;
}

/* --- dns --- */

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);
	size_t end_length = strlen(end);

	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static enum likeness judge(const struct doctor *doctor)
{
	const struct dns_answer *chain = &doctor->chain;
	size_t local = 0;

	for (size_t i = 0; i < doctor->addresses.count; i++) {
		local += dns_is_local(&doctor->addresses.items[i]);
	}
	if (local == doctor->addresses.count) {
		return LIKE_LOCAL;
	}
	return trust_is_vendor(host_of(doctor)) && chain->alias_count > 0 &&
			       ends_with(chain->aliases[chain->alias_count - 1], VENDOR_HOSTING)
		       ? LIKE_VENDOR
		       : LIKE_OTHER;
}

static const char *explain_likeness(const struct doctor *doctor, enum likeness likeness)
{
	bool vendor = trust_is_vendor(host_of(doctor));

	switch (likeness) {
	case LIKE_LOCAL:
		return vendor ? "local: the vendor's name leads into this network" : "local";
	case LIKE_VENDOR:
		return "looks like the vendor's";
	case LIKE_OTHER:
		break;
	}
	return vendor ? "does not look like the vendor's load balancer as it is known"
		      : "not local";
}

/* Whether the DNS and the system, which asks the hosts file first, say the same. */
static bool dns_agrees(const struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->chain.address_count; i++) {
		for (size_t j = 0; j < doctor->addresses.count; j++) {
			if (strcmp(doctor->chain.addresses[i], doctor->addresses.items[j].text) ==
			    0) {
				return true;
			}
		}
	}
	return false;
}

static void append(char *out, size_t capacity, const char *separator, const char *text)
{
	size_t used = strlen(out);

	snprintf(out + used, capacity - used, "%s%s", used > 0 ? separator : "", text);
}

static void write_dns_facts(struct json_writer *writer, const void *context)
{
	const struct doctor *doctor = context;

	json_key(writer, "aliases");
	json_array_begin(writer);
	for (size_t i = 0; i < doctor->chain.alias_count; i++) {
		json_string(writer, doctor->chain.aliases[i]);
	}
	json_array_end(writer);
	json_key(writer, "addresses");
	json_array_begin(writer);
	for (size_t i = 0; i < doctor->addresses.count; i++) {
		json_string(writer, doctor->addresses.items[i].text);
	}
	json_array_end(writer);
	json_member_string(writer, "looks_like", likeness_names[judge(doctor)]);
}

static bool is_numeric(const char *host)
{
	struct in6_addr address;

	return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

static void report_dns(struct doctor *doctor)
{
	enum likeness likeness = judge(doctor);
	char names[DOCTOR_DETAIL_MAX / 2] = "";
	char addresses[DOCTOR_DETAIL_MAX / 4] = "";

	append(names, sizeof(names), "", host_of(doctor));
	for (size_t i = 0; i < doctor->chain.alias_count && dns_agrees(doctor); i++) {
		append(names, sizeof(names), " → ", doctor->chain.aliases[i]);
	}
	for (size_t i = 0; i < doctor->addresses.count; i++) {
		append(addresses, sizeof(addresses), ", ", doctor->addresses.items[i].text);
	}
	doctor_set_facts(&doctor->report, write_dns_facts, doctor);
	doctor_well(&doctor->report, "%s → %s: %s%s", names, addresses,
		    explain_likeness(doctor, likeness),
		    doctor->chain.address_count > 0 && !dns_agrees(doctor)
			    ? "; the DNS says otherwise, so the hosts file of this machine decides"
			    : "");
}

static void check_dns(struct doctor *doctor)
{
	if (!doctor_begin(&doctor->report, "dns", NULL)) {
		return;
	}
	const char *host = host_of(doctor);
	int error = dns_resolve(host, doctor->login->session.port, &doctor->addresses);
	if (error) {
		doctor_broken(&doctor->report, CLI_CANNOT_CONNECT,
			      error == EAI_AGAIN
				      ? "no name server answers: check the network of this machine"
				      : "check the name of the broker, and what the name server "
					"says of it: nslookup NAME",
			      "there is no address for the name %s: %s", host, gai_strerror(error));
		return;
	}
	if (is_numeric(host)) {
		doctor_set_facts(&doctor->report, write_dns_facts, doctor);
		doctor_well(&doctor->report, "%s is an address: there is nothing to look up; %s",
			    host, explain_likeness(doctor, judge(doctor)));
		return;
	}
	/* What has no dot is a name of this machine or its network. */
	if (strchr(host, '.')) {
		(void)dns_ask(NULL, host, &doctor->chain);
	}
	report_dns(doctor);
}

/* --- tcp --- */

static const char *advise_on_tcp(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return "nothing listens there: check that the broker runs, and its port";
	case ETIMEDOUT:
		return "nothing answers: check that the machine is up, and firewalls on the way";
	case ENETUNREACH:
	case EHOSTUNREACH:
		return "there is no way there: check the network of this machine";
	default:
		return "check that the broker runs, and host and port of it";
	}
}

/* Where only a proxy leads out, that is why. */
static const char *advise_on_proxy(int error, const struct proxy *proxy,
				   char out[DOCTOR_ADVICE_MAX])
{
	snprintf(out, DOCTOR_ADVICE_MAX,
		 "%s; MQTT goes straight to the broker, and not through the proxy %s that the "
		 "variable %s names",
		 advise_on_tcp(error), proxy->url, proxy->variable);
	return out;
}

static void check_tcp(struct doctor *doctor)
{
	char failures[DOCTOR_DETAIL_MAX / 2] = "";
	char failure[DNS_ADDRESS_SIZE + 128];
	char advice[DOCTOR_ADVICE_MAX];
	struct proxy proxy;
	int error = 0;

	if (!doctor_begin(&doctor->report, "tcp", NULL)) {
		return;
	}
	for (size_t i = 0; i < doctor->addresses.count && doctor->socket < 0; i++) {
		bool last = i + 1 == doctor->addresses.count;

		doctor->address = doctor->addresses.items[i];
		doctor->socket = probe_tcp(&doctor->address,
					   doctor->targets.timeout_ms /
						   (last ? 1 : ALTERNATIVE_SHARE));
		if (doctor->socket < 0) {
			error = -doctor->socket;
			snprintf(failure, sizeof(failure), "%s: %s", doctor->address.text,
				 strerror(error));
			append(failures, sizeof(failures), "; ", failure);
		}
	}
	if (doctor->socket < 0) {
		doctor_broken(
			&doctor->report, CLI_CANNOT_CONNECT,
			proxy_find(host_of(doctor), &proxy) ? advise_on_proxy(error, &proxy, advice)
							    : advise_on_tcp(error),
			"no connection to port %u: %s", doctor->login->session.port, failures);
		return;
	}
	doctor_well(&doctor->report, "%s port %u answers%s%s%s", doctor->address.text,
		    doctor->login->session.port, failures[0] != '\0' ? " (" : "", failures,
		    failures[0] != '\0' ? ")" : "");
}

/* --- tls --- */

static void write_tls_facts(struct json_writer *writer, const void *context)
{
	const struct doctor *doctor = context;
	const struct probe_tls *tls = &doctor->tls;
	char time[TIME_TEXT_MAX];

	json_member_string(writer, "protocol", tls->protocol);
	json_key(writer, "certificate");
	json_object_begin(writer);
	json_member_string(writer, "subject", tls->subject);
	json_member_string(writer, "issuer", tls->issuer);
	json_member_string(writer, "not_before",
			   time_text_write(tls->not_before_s * MS_PER_S, time));
	json_member_string(writer, "not_after", time_text_write(tls->not_after_s * MS_PER_S, time));
	json_member_string(writer, "sha256", tls->fingerprint);
	json_member_bool(writer, "pinned", doctor->trust.mode == TRUST_PIN);
	json_object_end(writer);
}

static bool is_out_of_date(const struct probe_tls *tls)
{
	int64_t now_s = clock_unix_s();

	return now_s < tls->not_before_s || now_s > tls->not_after_s;
}

static void report_refused(struct doctor *doctor)
{
	char advice[TRUST_ADVICE_MAX + ADVICE_MORE_MAX];
	const struct probe_tls refused = doctor->tls;
	struct probe_tls *shown = &doctor->tls;
	char from[DOCTOR_TIME_MAX];
	char to[DOCTOR_TIME_MAX];
	char now[DOCTOR_TIME_MAX];

	if (!probe_certificate(&doctor->address, host_of(doctor), doctor->targets.timeout_ms,
			       shown)) {
		doctor_broken(&doctor->report, CLI_CANNOT_CONNECT, refused.advice, "%s",
			      refused.detail);
		return;
	}
	doctor_set_facts(&doctor->report, write_tls_facts, doctor);
	snprintf(advice, sizeof(advice),
		 "%s; if this is not your broker, somebody stands in between", refused.advice);
	doctor_broken(
		&doctor->report, CLI_CANNOT_CONNECT,
		is_out_of_date(shown)
			? "have the certificate renewed, unless the clock of this machine is wrong"
			: advice,
		"%s (certificate %s of %s, valid from %s to %s; this machine says %s)",
		refused.detail, shown->subject, shown->issuer,
		doctor_format_time(shown->not_before_s, from),
		doctor_format_time(shown->not_after_s, to),
		doctor_format_time(clock_unix_s(), now));
}

static void report_tls(struct doctor *doctor)
{
	const struct probe_tls *tls = &doctor->tls;
	bool strict = doctor->trust.mode == TRUST_CA_FILE || doctor->trust.mode == TRUST_SYSTEM;
	const char *trust = "trusted by its issuer";
	char to[DOCTOR_TIME_MAX];

	if (doctor->trust.mode == TRUST_PIN) {
		trust = "it is the pinned one";
	} else if (doctor->trust.mode == TRUST_INSECURE) {
		trust = "not checked: anybody could stand in between";
	}
	doctor_set_facts(&doctor->report, write_tls_facts, doctor);
	doctor_well(&doctor->report, "%s, certificate %s of %s, valid to %s, SHA-256 %s: %s%s",
		    tls->protocol, tls->subject, tls->issuer,
		    doctor_format_time(tls->not_after_s, to), tls->fingerprint, trust,
		    !strict && is_out_of_date(tls) ? "; out of date, which is not minded here"
						   : "");
}

static void check_tls(struct doctor *doctor)
{
	if (!doctor_begin(&doctor->report, "tls", NULL)) {
		return;
	}
	if (doctor->login->session.plain) {
		doctor_well(&doctor->report,
			    "not used: with mqtt:// the login goes over the network in clear");
		return;
	}
	probe_tls(doctor->socket, &doctor->trust, doctor->targets.timeout_ms, &doctor->tls);
	if (doctor->tls.done) {
		report_tls(doctor);
	} else if (doctor->tls.refused) {
		report_refused(doctor);
	} else {
		doctor_broken(&doctor->report, CLI_CANNOT_CONNECT, doctor->tls.advice, "%s",
			      doctor->tls.detail);
	}
}

void doctor_check_network(struct doctor *doctor)
{
	check_dns(doctor);
	check_tcp(doctor);
	check_tls(doctor);
	if (doctor->socket >= 0) {
		close(doctor->socket);
		doctor->socket = -1;
	}
}
