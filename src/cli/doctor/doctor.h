/* SPDX-License-Identifier: MIT */
#ifndef CLI_DOCTOR_DOCTOR_H
#define CLI_DOCTOR_DOCTOR_H

#include "cli/doctor/report.h"
#include "cli/target/targets.h"
#include "store/accounts/accounts.h"
#include "transport/dns.h"
#include "transport/lan/probe.h"
#include "transport/tls/probe.h"
#include "transport/tls/trust.h"

/* The way over the local network. */
struct doctor_lan {
	const char *address; /* --address; NULL: as stored */
	const char *duid;    /* --duid, likewise */
	const char *held_by; /* --lan-held-by; NULL: nobody says so */
	struct flagship_pppp_duid wanted;
	bool knows_duid; /* wanted is set */
	struct lan_probe_search search;
	const struct lan_probe_answer *answer; /* of search: who is looked at further */
	struct lan_probe_session session;
};

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

	struct doctor_lan lan;
};

/* config, clock */
void doctor_check_configuration(struct doctor *doctor);

/* dns, tcp, tls */
void doctor_check_network(struct doctor *doctor);

/* login, each subscription, query, reply, checksum, decryption, age */
void doctor_check_printer(struct doctor *doctor);

/* lan_address, lan_search, lan_duid, lan_slot, lan_handshake: whatever the broker's chain is like.
 * The first alone of a printer that has none. */
void doctor_check_lan(struct doctor *doctor);

/* Unix seconds as "2026-11-23 05:42:18 UTC". */
#define DOCTOR_TIME_MAX 40
const char *doctor_format_time(int64_t unix_s, char out[DOCTOR_TIME_MAX]);

#endif
