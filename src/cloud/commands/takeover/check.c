/* SPDX-License-Identifier: MIT */
#include "cloud/commands/takeover/internal.h"

#include "base/hex.h"
#include "cli/output/json.h"
#include "cli/output/print.h"
#include "transport/dns.h"
#include "transport/tls/probe.h"

#include <flagship/account.h>

#include <assert.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAIT_MS         4000 /* for TCP, and for TLS */
#define VENDOR_API_PORT 443
#define DETAIL_MAX      256
#define FINDINGS_MAX    (SNIPPET_BROKER_HOSTS + SNIPPET_API_HOSTS)
#define FINGERPRINT_MAX (2 * EVP_MAX_MD_SIZE + 1)

enum found {
	FOUND_US,
	FOUND_HALF, /* us by IPv4, and nothing good by IPv6 */
	FOUND_VENDOR,
	FOUND_OTHER,   /* TLS, with a certificate that is neither's */
	FOUND_NOTHING, /* that answers */
	FOUND_NO_NAME, /* the resolver knows no such name */
};

static const char *const found_names[] = {
	[FOUND_US] = "us",       [FOUND_HALF] = "half",       [FOUND_VENDOR] = "vendor",
	[FOUND_OTHER] = "other", [FOUND_NOTHING] = "nothing", [FOUND_NO_NAME] = "no name",
};

/* What to do, each; NULL: nothing. */
static const char *const found_advice[] = {
	[FOUND_US] = NULL,
	[FOUND_HALF] = "have the name server say that there is no IPv6 address: see --print",
	[FOUND_VENDOR] = "lead the name to this machine in the name server that printers use: see "
			 "--print; where that was done, it is not the one that was asked",
	[FOUND_OTHER] = "another cloud answers there, or one with a new CA: look at the address",
	[FOUND_NOTHING] = "start the cloud, have it listen there (cloud init --bind), and let no "
			  "firewall stand between",
	[FOUND_NO_NAME] = "lead the name to this machine in the name server that printers use: see "
			  "--print",
};

struct finding {
	const char *host;
	uint16_t port;
	char address[DNS_ADDRESS_SIZE];
	enum found found;
	char detail[DETAIL_MAX];
};

struct findings {
	enum takeover_shape shape;
	struct finding items[FINDINGS_MAX];
	size_t count;
	bool failed; /* to print one */
};

static bool is_vendors(X509 *certificate)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	char text[FINGERPRINT_MAX];

	if (X509_digest(certificate, EVP_sha256(), digest, &size) != 1) {
		return false;
	}
	hex_encode(digest, size, HEX_LOWER, text);
	return strcmp(text, FLAGSHIP_VENDOR_CERTIFICATE_SHA256) == 0;
}

/* The context trusts our own CA alone, and the result of the check is looked at afterwards. */
static void judge_certificate(SSL *tls, struct finding *finding)
{
	X509 *certificate = SSL_get1_peer_certificate(tls);

	if (!certificate) {
		finding->found = FOUND_OTHER;
		snprintf(finding->detail, sizeof(finding->detail), "shows no certificate");
	} else if (SSL_get_verify_result(tls) == X509_V_OK) {
		finding->found = FOUND_US;
	} else if (is_vendors(certificate)) {
		finding->found = FOUND_VENDOR;
	} else {
		finding->found = FOUND_OTHER;
		snprintf(finding->detail, sizeof(finding->detail),
			 "its certificate is neither ours nor the one the vendor's broker is known "
			 "by");
	}
	X509_free(certificate);
}

static void shake_hands(SSL_CTX *context, int descriptor, struct finding *finding)
{
	SSL *tls = SSL_new(context);

	if (tls && SSL_set_fd(tls, descriptor) == 1 &&
	    SSL_set_tlsext_host_name(tls, finding->host) == 1 &&
	    SSL_set1_host(tls, finding->host) == 1 && probe_handshake(tls, WAIT_MS)) {
		judge_certificate(tls, finding);
		SSL_shutdown(tls);
	} else {
		finding->found = FOUND_NOTHING;
		snprintf(finding->detail, sizeof(finding->detail), "answers, but not with TLS");
	}
	SSL_free(tls);
}

static void try_address(SSL_CTX *context, const struct dns_address *address,
			struct finding *finding)
{
	int descriptor = probe_tcp(address, WAIT_MS);

	if (descriptor < 0) {
		finding->found = FOUND_NOTHING;
		snprintf(finding->detail, sizeof(finding->detail), "%s", strerror(-descriptor));
		return;
	}
	shake_hands(context, descriptor, finding);
	close(descriptor);
}

static void try_text(SSL_CTX *context, const char *address, struct finding *finding)
{
	struct dns_addresses addresses;

	snprintf(finding->address, sizeof(finding->address), "%s", address);
	if (dns_resolve(finding->address, finding->port, &addresses) != 0) {
		finding->found = FOUND_NOTHING;
		snprintf(finding->detail, sizeof(finding->detail), "this is no address");
		return;
	}
	try_address(context, &addresses.items[0], finding);
}

/* A printer, or another client, that has IPv6 asks for it too, and prefers it. */
static void check_ipv6(SSL_CTX *context, const char *resolver, struct finding *finding)
{
	struct finding other = {.host = finding->host, .port = finding->port};
	struct dns_answer answer;

	switch (dns_ask_ipv6(resolver, finding->host, &answer)) {
	case DNS_IPV6_NONE:
		return;
	case DNS_IPV6_FAILS:
		finding->found = FOUND_HALF;
		snprintf(finding->detail, sizeof(finding->detail),
			 "asked for an IPv6 address (AAAA), the name server fails, so that some "
			 "clients give up: it should answer that there is none (local=/NAME/ of "
			 "dnsmasq)");
		return;
	case DNS_IPV6_FOUND:
		try_text(context, answer.addresses[0], &other);
		if (other.found != FOUND_US) {
			finding->found = FOUND_HALF;
			snprintf(finding->detail, sizeof(finding->detail),
				 "its IPv6 address %s (AAAA) leads elsewhere: %s", other.address,
				 found_names[other.found]);
		}
		return;
	}
}

/* As a printer does it: by DNS alone, and the first address. */
static struct finding check_host(SSL_CTX *context, const char *resolver, const char *host,
				 uint16_t port)
{
	struct finding finding = {.host = host, .port = port, .found = FOUND_NO_NAME};
	struct dns_answer answer;

	if (!dns_ask(resolver, host, &answer) || answer.address_count == 0) {
		snprintf(finding.detail, sizeof(finding.detail),
			 "the name server does not answer, or not with an address");
		return finding;
	}
	try_text(context, answer.addresses[0], &finding);
	if (finding.found == FOUND_US) {
		check_ipv6(context, resolver, &finding);
	}
	return finding;
}

static SSL_CTX *make_context(const struct cloud *cloud)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	char authority[PATH_MAX];

	cloud_path(cloud, CLOUD_CA, authority);
	if (context && SSL_CTX_load_verify_locations(context, authority, NULL) != 1) {
		SSL_CTX_free(context);
		return NULL;
	}
	return context;
}

static void print_finding(const struct finding *finding)
{
	print_to(stdout, "%-28s %-5u %-16s %s%s%s\n", finding->host, finding->port,
		 finding->address[0] != '\0' ? finding->address : "-", found_names[finding->found],
		 finding->detail[0] != '\0' ? ": " : "", finding->detail);
}

static void write_finding(struct json_writer *writer, const void *context)
{
	const struct finding *finding = context;

	json_object_begin(writer);
	json_member_known(writer, "host", finding->host);
	json_member_int(writer, "port", finding->port);
	json_member_known(writer, "address", finding->address);
	json_member_known(writer, "found", found_names[finding->found]);
	json_member_known(writer, "detail", finding->detail);
	json_member_known(writer, "advice", found_advice[finding->found]);
	json_object_end(writer);
}

static void write_findings(struct json_writer *writer, const void *context)
{
	const struct findings *findings = context;

	json_array_begin(writer);
	for (size_t i = 0; i < findings->count; i++) {
		write_finding(writer, &findings->items[i]);
	}
	json_array_end(writer);
}

static bool show_finding(const struct findings *findings, const struct finding *finding)
{
	switch (findings->shape) {
	case TAKEOVER_TEXT:
		print_finding(finding);
		break;
	case TAKEOVER_JSON:
		break;
	case TAKEOVER_JSON_LINES:
		return json_line_print(write_finding, finding, stdout) == 0 && fflush(stdout) == 0;
	}
	return true;
}

static void print_advice(enum found worst)
{
	switch (worst) {
	case FOUND_US:
		puts("A printer in this network reaches this cloud.");
		break;
	case FOUND_HALF:
		puts("A printer in this network reaches this cloud by IPv4; one that asks for IPv6 "
		     "may not: see --print for the name server.");
		break;
	case FOUND_VENDOR:
		puts("A printer in this network reaches the vendor: see --print for the name "
		     "server.");
		break;
	case FOUND_NO_NAME:
		puts("A printer in this network finds no broker: its name server does not lead to "
		     "one. See --print.");
		break;
	case FOUND_OTHER:
	case FOUND_NOTHING:
		puts("A printer in this network reaches nothing that it could use: check that the "
		     "cloud runs, its --bind, and the ports.");
		break;
	}
}

static enum found check_hosts(SSL_CTX *context, const char *resolver, const char *const *hosts,
			      uint16_t port, struct findings *findings)
{
	enum found worst = FOUND_US;

	for (size_t i = 0; hosts[i]; i++) {
		struct finding finding = check_host(context, resolver, hosts[i], port);

		findings->failed |= !show_finding(findings, &finding);
		assert(findings->count < FINDINGS_MAX);
		findings->items[findings->count++] = finding;
		if (finding.found > worst) {
			worst = finding.found;
		}
	}
	return worst;
}

int takeover_check(const struct cloud *cloud, const char *resolver, enum takeover_shape shape)
{
	SSL_CTX *context = make_context(cloud);

	if (!context) {
		cli_error("the CA of the cloud cannot be read: run flagship cloud init");
		return CLI_NOT_CONFIGURED;
	}
	struct findings findings = {.shape = shape};
	enum found worst = check_hosts(context, resolver, snippet_broker_hosts, FLAGSHIP_MQTT_PORT,
				       &findings);
	(void)check_hosts(context, resolver, snippet_api_hosts, VENDOR_API_PORT, &findings);
	SSL_CTX_free(context);
	if (shape == TAKEOVER_TEXT) {
		print_advice(worst);
	} else if (shape == TAKEOVER_JSON) {
		findings.failed = json_line_print(write_findings, &findings, stdout) != 0;
	}
	return worst == FOUND_US && !findings.failed ? CLI_DONE : CLI_FAILED;
}
