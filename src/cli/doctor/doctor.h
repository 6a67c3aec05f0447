/* SPDX-License-Identifier: MIT */
#ifndef CLI_DOCTOR_DOCTOR_H
#define CLI_DOCTOR_DOCTOR_H

#include "cli/doctor/report.h"
#include "cli/target/targets.h"
#include "store/accounts/accounts.h"
#include "transport/dns.h"
#include "transport/tls/probe.h"
#include "transport/tls/trust.h"

/* What the parts of doctor share; each looks at some links, in this order. */
struct doctor {
	struct doctor_report report;
	struct target_options options;

	/* From the configuration on: */
	struct targets targets;
	const struct target *target;
	const struct target_login *login;
	struct store_accounts accounts; /* for the keys of other printers */
	struct trust trust;             /* no context without TLS */

	/* From the network on: */
	struct dns_addresses addresses;
	struct dns_answer chain;
	struct dns_address address; /* that answers */
	int socket;                 /* to it; -1 where there is none */
	struct probe_tls tls;
};

/* config, clock */
void doctor_check_configuration(struct doctor *doctor);

/* dns, tcp, tls */
void doctor_check_network(struct doctor *doctor);

/* login, each subscription, query, reply, checksum, decryption, age */
void doctor_check_printer(struct doctor *doctor);

/* Unix seconds as "2026-11-23 05:42:18 UTC". */
#define DOCTOR_TIME_MAX 40
const char *doctor_format_time(int64_t unix_s, char out[DOCTOR_TIME_MAX]);

#endif
