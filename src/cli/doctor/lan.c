/* SPDX-License-Identifier: MIT */
#include "cli/doctor/doctor.h"

#include "cli/kit/cli.h"

#include <stdio.h>
#include <string.h>

#define MS_OF_S     1000.0
#define UNKNOWN_WHO ""

/* --- lan_address --- */

static const char *address_of(const struct doctor *doctor)
{
	const struct store_printer *stored = doctor->target->stored;
	struct flagship_pppp_host host;

	if (doctor->lan.address) {
		return doctor->lan.address;
	}
	/* One that is none is as if it were not known: whoever sends files takes it so, too. */
	return stored && udp_host_parse(stored->address, FLAGSHIP_PPPP_PORT, &host)
		       ? stored->address
		       : UNKNOWN_WHO;
}

static const char *duid_of(const struct doctor *doctor)
{
	const struct store_printer *stored = doctor->target->stored;

	if (doctor->lan.duid) {
		return doctor->lan.duid;
	}
	return stored ? stored->p2p_did : UNKNOWN_WHO;
}

static void write_place(struct json_writer *writer, const void *context)
{
	const struct doctor *doctor = context;

	json_member_known(writer, "address", address_of(doctor));
	json_member_known(writer, "duid", duid_of(doctor));
}

/* Whether there is a way at all; why not is told. */
static bool has_way(struct doctor *doctor)
{
	struct doctor_report *report = &doctor->report;

	if (doctor->lan.address) {
		return true;
	}
	if (doctor->target->model == FLAGSHIP_MODEL_E1) {
		doctor_idle(report, "an E1 takes no G-code and has no camera: nothing goes over "
				    "the local network");
		return false;
	}
	if (address_of(doctor)[0] != '\0' || duid_of(doctor)[0] != '\0') {
		return true;
	}
	if (doctor->target->stored) {
		doctor_advise(report, "where it should have one, flagship refresh asks the account "
				      "again, and flagship lan search lists who is here");
		doctor_idle(report, "the account tells neither its duid nor its address: this "
				    "printer is reached by the broker alone");
	} else {
		doctor_idle(report, "no account tells where it is; --address looks at one");
	}
	return false;
}

/* False where there is no way to go on. */
static bool check_place(struct doctor *doctor)
{
	struct doctor_report *report = &doctor->report;

	if (!doctor_begin(report, "lan_address", NULL)) {
		return true;
	}
	if (!has_way(doctor)) {
		return false;
	}
	const char *address = address_of(doctor);
	const char *duid = duid_of(doctor);
	doctor_set_facts(report, write_place, doctor);
	if (duid[0] != '\0' && flagship_pppp_duid_parse(duid, &doctor->lan.wanted) != 0) {
		doctor_broken(report, CLI_NOT_CONFIGURED, "run flagship refresh, or import anew",
			      "the stored duid is none: %s", duid);
		return true;
	}
	doctor->lan.knows_duid = duid[0] != '\0';
	if (address[0] != '\0') {
		doctor_well(report, "%s%s%s", address, duid[0] != '\0' ? ", " : "", duid);
	} else {
		doctor_well(report, "%s; its address is not stored, so everybody is asked", duid);
	}
	return true;
}

/* --- lan_search --- */

static void write_answers(struct json_writer *writer, const void *context)
{
	const struct doctor *doctor = context;
	char duid[FLAGSHIP_PPPP_DUID_TEXT_SIZE];

	json_key(writer, "answers");
	json_array_begin(writer);
	for (size_t i = 0; i < doctor->lan.search.count; i++) {
		const struct lan_probe_answer *answer = &doctor->lan.search.answers[i];

		flagship_pppp_duid_format(&answer->duid, duid);
		json_object_begin(writer);
		json_member_string(writer, "duid", duid);
		json_member_string(writer, "address", answer->address);
		json_object_end(writer);
	}
	json_array_end(writer);
}

static const struct lan_probe_answer *answer_at(const struct lan_probe_search *search,
						const char *address)
{
	for (size_t i = 0; i < search->count; i++) {
		if (strcmp(search->answers[i].address, address) == 0) {
			return &search->answers[i];
		}
	}
	return NULL;
}

static void report_no_answer(struct doctor *doctor)
{
	const char *address = address_of(doctor);
	size_t others = doctor->lan.search.count;

	doctor_broken(
		&doctor->report, CLI_NO_ANSWER,
		others > 0 ? "is it on, and in this network (some routers keep guests, or cables "
			     "and Wi-Fi, apart)? flagship lan search lists who is here"
			   : "is it on, and in this network (some routers keep guests, or cables "
			     "and Wi-Fi, apart)? Do the firewalls here and on the way let "
			     "datagrams from and to UDP port 32108 through, and broadcasts?",
		"no answer%s%s within %g s%s", address[0] != '\0' ? " of " : " to a broadcast",
		address, (double)doctor->targets.timeout_ms / MS_OF_S,
		others > 0 ? "; other printers answer" : "");
}

static void check_search(struct doctor *doctor)
{
	struct doctor_lan *lan = &doctor->lan;
	struct doctor_report *report = &doctor->report;
	const char *address = address_of(doctor);

	if (!doctor_begin(report, "lan_search", NULL)) {
		return;
	}
	int error = lan_probe_search(address, lan->knows_duid ? &lan->wanted : NULL,
				     doctor->targets.timeout_ms, &lan->search);
	if (error) {
		doctor_broken(report, CLI_CANNOT_CONNECT, "is this machine in a network?",
			      "cannot search: %s", uv_strerror(error));
		return;
	}
	doctor_set_facts(report, write_answers, doctor);
	lan->answer = lan->search.wanted ? lan->search.wanted : answer_at(&lan->search, address);
	if (!lan->answer) {
		report_no_answer(doctor);
	} else if (address[0] != '\0' && strcmp(lan->answer->address, address) != 0) {
		doctor_advise(report, "flagship lan search --save keeps the new address");
		doctor_well(report, "it is at %s now, not at %s", lan->answer->address, address);
	} else {
		doctor_well(report, "%s answers", lan->answer->address);
	}
}

/* --- lan_duid --- */

static const struct store_printer *stored_of(const struct store_accounts *accounts,
					     const struct flagship_pppp_duid *duid)
{
	struct flagship_pppp_duid stored;

	for (size_t a = 0; a < accounts->count; a++) {
		const struct store_account *account = &accounts->accounts[a];

		for (size_t p = 0; p < account->printer_count; p++) {
			if (flagship_pppp_duid_parse(account->printers[p].p2p_did, &stored) == 0 &&
			    flagship_pppp_duid_equal(&stored, duid)) {
				return &account->printers[p];
			}
		}
	}
	return NULL;
}

static void check_duid(struct doctor *doctor)
{
	const struct doctor_lan *lan = &doctor->lan;
	char duid[FLAGSHIP_PPPP_DUID_TEXT_SIZE];

	if (!doctor_begin(&doctor->report, "lan_duid", NULL)) {
		return;
	}
	flagship_pppp_duid_format(&lan->answer->duid, duid);
	if (!lan->knows_duid) {
		doctor_well(&doctor->report, "%s; nothing tells whether that is this printer",
			    duid);
	} else if (flagship_pppp_duid_equal(&lan->wanted, &lan->answer->duid)) {
		doctor_well(&doctor->report, "%s, as it should", duid);
	} else {
		const struct store_printer *other = stored_of(&doctor->accounts,
							      &lan->answer->duid);

		doctor_broken(&doctor->report, CLI_FAILED,
			      "addresses change: flagship lan search --save finds that of this "
			      "printer, where it is on; a fixed one can be set in the router",
			      "%s is another printer: %s%s%s%s", lan->answer->address, duid,
			      other ? " (" : "",
			      !other                   ? ""
			      : other->name[0] != '\0' ? other->name
						       : other->serial,
			      other ? ")" : "");
	}
}

/* --- lan_slot and lan_handshake --- */

static void write_holder(struct json_writer *writer, const void *context)
{
	const struct doctor_lan *lan = context;

	json_member_string(writer, "holder",
			   lan->held_by          ? "here"
			   : lan->session.opened ? "free"
						 : "other");
}

static void check_slot(struct doctor *doctor)
{
	struct doctor_lan *lan = &doctor->lan;
	struct doctor_report *report = &doctor->report;

	if (!doctor_begin(report, "lan_slot", NULL)) {
		return;
	}
	if (lan->held_by) {
		doctor_set_facts(report, write_holder, lan);
		doctor_well(report, "its only session is with %s", lan->held_by);
		return;
	}
	int error = lan_probe_session(lan->answer, doctor->targets.timeout_ms, &lan->session);
	if (error) {
		doctor_broken(report, CLI_CANNOT_CONNECT, "try again",
			      "cannot prepare a session: %s", uv_strerror(error));
		return;
	}
	if (!lan->session.opened && lan->session.end != FLAGSHIP_PPPP_END_REFUSED) {
		doctor_broken(report, CLI_NO_ANSWER, "try again",
			      "it answered the search, and fell silent after that");
		return;
	}
	doctor_set_facts(report, write_holder, lan);
	if (lan->session.opened) {
		doctor_well(report, "its only session is free");
		return;
	}
	doctor_broken(report, CLI_REFUSED,
		      "close what shows its camera or sends it files: an app, a slicer, flagship "
		      "here or on another machine. One that ended in a hurry blocks it for some "
		      "20 s more",
		      "it answers, but gave no session within %g s: another client has its only "
		      "one",
		      (double)doctor->targets.timeout_ms / MS_OF_S);
}

static void check_handshake(struct doctor *doctor)
{
	const struct lan_probe_session *session = &doctor->lan.session;
	struct doctor_report *report = &doctor->report;

	if (!doctor_begin(report, "lan_handshake", NULL)) {
		return;
	}
	if (doctor->lan.held_by) {
		doctor_idle(report, "not tried: its only session is in use");
	} else if (session->stayed) {
		doctor_well(report,
			    "P2P_RDY was answered after %lld ms, and again; the session "
			    "was given back",
			    (long long)session->opened_after_ms);
	} else {
		doctor_broken(report, CLI_NO_ANSWER,
			      "a printer goes on from another port than 32108: firewalls have to "
			      "let datagrams from any port of its address to UDP port 32108 of "
			      "this machine through. Bad Wi-Fi looks the same",
			      "it was ready once, and then %s",
			      session->end == FLAGSHIP_PPPP_END_PEER ? "closed the session"
								     : "fell silent");
	}
}

static void skip_lan(struct doctor *doctor)
{
	static const char *const names[] = {"lan_address", "lan_search", "lan_duid", "lan_slot",
					    "lan_handshake"};

	doctor->report.statuses[DOCTOR_LAN] = doctor->report.statuses[DOCTOR_BROKER];
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)doctor_begin(&doctor->report, names[i], NULL);
	}
	doctor->report.statuses[DOCTOR_LAN] = CLI_DONE;
}

void doctor_check_lan(struct doctor *doctor)
{
	doctor->report.chain = DOCTOR_LAN;
	if (!doctor->target) {
		skip_lan(doctor);
		return;
	}
	if (!check_place(doctor)) {
		return;
	}
	check_search(doctor);
	check_duid(doctor);
	check_slot(doctor);
	check_handshake(doctor);
}
