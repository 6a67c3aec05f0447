/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "cli/doctor/session.h"

#include "cli/kit/cli.h"
#include "fleet/stored.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* After the first message: a whole one, and one that a key fits, follow soon or not at all. The
 * slowest printer speaks every 3 s during a job. */
#define SETTLE_WHOLE_MS   400
#define SETTLE_DAMAGED_MS 3500

/* Silence may be that of a printer that cannot decrypt the query: then other keys are tried. */
#define OTHER_KEYS_SHARE  2

#define CLOCK_TOLERANCE_S 300
#define MS_PER_S_REAL     1000.0

/* --- login --- */

static bool is_connected(const struct doctor_session *session)
{
	return session->connected;
}

static const char *advise_on_login(const struct doctor *doctor, enum mqtt_session_failure failure)
{
	if (failure != MQTT_SESSION_FAILURE_LOGIN) {
		return "check that this is the port of an MQTT broker, and what its log says";
	}
	return doctor->target->account ? "the stored login is not taken any more: run "
					 "flagship refresh, or flagship "
					 "login"
				       : "check --username and --password-file, or whether "
					 "the broker wants a login";
}

static void check_login(struct doctor *doctor, struct doctor_session *session)
{
	const char *username = doctor->login->session.username;

	if (!doctor_begin(&doctor->report, "login", NULL)) {
		return;
	}
	if (doctor_session_await(session, is_connected, doctor->targets.timeout_ms)) {
		doctor_well(&doctor->report, "the broker took %s",
			    !username                 ? "us without a user name"
			    : doctor->target->account ? "the login of the account"
						      : "the user name and password");
		return;
	}
	doctor_broken(&doctor->report, CLI_CANNOT_CONNECT,
		      advise_on_login(doctor, session->failure), "%s",
		      session->failed ? session->detail : "the broker does not answer");
}

/* --- subscriptions --- */

static bool is_decided(const struct doctor_session *session)
{
	return session->subscribed || session->any_refused;
}

/* Of what the cloud says about the account nothing depends. */
static bool is_needed(const char *topic)
{
	struct flagship_topic parsed;

	return flagship_topic_parse(topic, strlen(topic), &parsed) == 0 &&
	       parsed.kind != FLAGSHIP_TOPIC_CHANGE_NOTICE &&
	       parsed.kind != FLAGSHIP_TOPIC_USER_CHANGE_NOTICE;
}

/* The user id in a topic is half of a login: it is not shown. */
static const char *shown_topic(const char *topic)
{
	struct flagship_topic parsed;
	bool is_users = flagship_topic_parse(topic, strlen(topic), &parsed) == 0 &&
			parsed.kind == FLAGSHIP_TOPIC_USER_CHANGE_NOTICE;

	return is_users ? "/phone/user/(hidden)/change_notice" : topic;
}

static void check_subscription(struct doctor *doctor, struct doctor_session *session, size_t index)
{
	const char *topic = shown_topic(session->topics[index]);

	if (!doctor_begin(&doctor->report, "subscription", topic)) {
		return;
	}
	if (!doctor_session_await(session, is_decided, doctor->targets.timeout_ms)) {
		doctor_broken(
			&doctor->report, CLI_NOT_ALLOWED,
			"some brokers hang up on who asks for what is not theirs: check that the "
			"printer belongs to this login",
			"%s: %s", topic,
			session->failed ? session->detail : "the broker does not answer");
	} else if (!session->refused[index]) {
		doctor_well(&doctor->report, "%s", topic);
	} else if (!is_needed(session->topics[index])) {
		doctor_well(&doctor->report, "%s was refused; nothing depends on it", topic);
	} else {
		doctor_broken(
			&doctor->report, CLI_NOT_ALLOWED,
			"this login may not follow this printer: check the serial number, and "
			"that the printer belongs to the account; of a broker of your own, its "
			"ACL",
			"the broker refused the subscription to %s", topic);
	}
}

/* --- query and reply --- */

static bool is_taken(const struct doctor_session *session)
{
	return session->query_taken;
}

static bool may_not_ask(const struct doctor *doctor)
{
	return stored_rights(doctor->target->stored).no_query;
}

static void check_query(struct doctor *doctor, struct doctor_session *session)
{
	if (!doctor_begin(&doctor->report, "query", NULL)) {
		return;
	}
	if (may_not_ask(doctor)) {
		doctor_well(&doctor->report,
			    "nothing is asked: the printer is shared without the right to");
		return;
	}
	if (!doctor_session_ask(session, doctor->target->serial, &session->received.keys[0])) {
		doctor_broken(&doctor->report, CLI_NO_ANSWER, "try again", "%s",
			      session->failed ? session->detail : "the query could not be sent");
	} else if (!doctor_session_await(session, is_taken, doctor->targets.timeout_ms)) {
		doctor_broken(
			&doctor->report, CLI_NO_ANSWER,
			"the broker may not let this login write to the printer: check its ACL",
			"the broker did not take the query: %s",
			session->failed ? session->detail : "it does not answer");
	} else {
		doctor_well(&doctor->report,
			    "the broker took the question for all it knows (1027)");
	}
}

static bool is_answered(const struct doctor_session *session)
{
	return session->received.answers > 0;
}

/* Whether a further message could not tell more. */
static bool is_settled(const struct doctor_session *session)
{
	const struct doctor_received *received = &session->received;
	int64_t waited_ms = doctor_now_ms() - received->answered_at_ms;

	return received->keys[0].fits > 0 ||
	       waited_ms >= (received->answers > received->damaged ? SETTLE_WHOLE_MS
								   : SETTLE_DAMAGED_MS);
}

static void ask_with_other_keys(struct doctor *doctor, struct doctor_session *session)
{
	for (size_t i = 1; i < session->received.key_count; i++) {
		(void)doctor_session_ask(session, doctor->target->serial,
					 &session->received.keys[i]);
	}
}

static void report_other_key(struct doctor *doctor, const struct doctor_key *fitting);

/* A local cloud forwards nothing of a printer that its key does not prove. */
static void report_held_back(struct doctor *doctor, const struct doctor_received *received)
{
	const struct doctor_key *fitting = doctor_received_fitting(received);
	const char *serial = doctor->target->serial;

	if (fitting && fitting != &received->keys[0]) {
		report_other_key(doctor, fitting);
	} else if (fitting) {
		doctor_broken(&doctor->report, CLI_FAILED,
			      "the cloud has another key of this printer: put this one there with "
			      "flagship cloud set-printer --key-file",
			      "the cloud holds %s back, although the key here fits what it sends",
			      serial);
	} else {
		doctor_broken(&doctor->report, CLI_FAILED,
			      "if that is the printer, it has a new key: fetch it with flagship "
			      "refresh and give it to the cloud with flagship cloud adopt or "
			      "set-printer --key-file; flagship cloud pair list tells more",
			      "somebody is connected to the cloud as %s and sends messages, which "
			      "the cloud holds back: the stored key does not open them%s",
			      serial,
			      received->key_count > 1 ? ", nor does any other that is stored "
							"here"
						      : "");
	}
}

static void report_silence(struct doctor *doctor, const struct doctor_session *session)
{
	const struct doctor_received *received = &session->received;
	double seconds = (double)doctor->targets.timeout_ms / MS_PER_S_REAL;
	char date[DOCTOR_TIME_MAX];
	char label[TARGET_LABEL_MAX];
	char earlier[DOCTOR_DETAIL_MAX / 4] = "";

	if (session->failed) {
		doctor_broken(&doctor->report, CLI_NO_ANSWER, "try again", "%s", session->detail);
		return;
	}
	if (received->earlier > 0 && received->earlier_s != 0) {
		snprintf(earlier, sizeof(earlier),
			 "; the last word that the broker kept is of %s, which proves nothing of "
			 "the present",
			 doctor_format_time(received->earlier_s, date));
	} else if (received->retained > 0) {
		snprintf(earlier, sizeof(earlier),
			 "; the broker kept a message of unknown age, which proves nothing of the "
			 "present");
	}
	doctor_broken(
		&doctor->report, CLI_NO_ANSWER,
		"check that the printer is on and at this broker, and its serial number; its key "
		"could not be tested, since nothing was heard that it could open: a printer says "
		"nothing to what it cannot decrypt",
		"no answer of %s within %g s%s", target_label(doctor->target, label), seconds,
		earlier);
}

static void check_reply(struct doctor *doctor, struct doctor_session *session)
{
	const struct doctor_received *received = &session->received;
	int64_t half_ms = doctor->targets.timeout_ms / OTHER_KEYS_SHARE;
	bool other_keys = false;

	if (!doctor_begin(&doctor->report, "reply", NULL)) {
		return;
	}
	if (!doctor_session_await(session, is_answered, half_ms) && !session->failed &&
	    !may_not_ask(doctor)) {
		other_keys = received->key_count > 1;
		ask_with_other_keys(doctor, session);
		(void)doctor_session_await(session, is_answered,
					   doctor->targets.timeout_ms - half_ms);
	}
	if (received->answers == 0 && received->held_back > 0) {
		report_held_back(doctor, received);
		return;
	}
	if (received->answers == 0) {
		report_silence(doctor, session);
		return;
	}
	doctor_well(&doctor->report, "the printer speaks%s",
		    other_keys ? ", but not before it was asked in other keys too" : "");
	(void)doctor_session_await(session, is_settled, SETTLE_DAMAGED_MS);
}

/* --- what it said --- */

static void check_checksum(struct doctor *doctor, const struct doctor_received *received)
{
	if (!doctor_begin(&doctor->report, "checksum", NULL)) {
		return;
	}
	if (received->answers == received->damaged) {
		doctor_broken(
			&doctor->report, CLI_FAILED,
			"something between the printer and here changes messages, or it speaks "
			"another format: flagship monitor shows more",
			"no message of %zu was whole; the first, of %zu bytes: %s",
			received->answers, received->error_length,
			flagship_strerror(received->error));
		return;
	}
	if (received->damaged > 0) {
		doctor_well(&doctor->report, "%zu of %zu messages whole; a damaged one: %s",
			    received->answers - received->damaged, received->answers,
			    flagship_strerror(received->error));
		return;
	}
	doctor_well(&doctor->report, "%zu message%s, whole", received->answers,
		    received->answers == 1 ? "" : "s");
}

static void write_key_facts(struct json_writer *writer, const void *context)
{
	const struct store_printer *printer = context;

	json_key(writer, "fitting_key_of");
	json_object_begin(writer);
	json_member_string(writer, "printer", printer->serial);
	json_member_known(writer, "name", printer->name);
	json_object_end(writer);
}

static void report_other_key(struct doctor *doctor, const struct doctor_key *fitting)
{
	const struct store_printer *printer = fitting->printer;
	bool same = strcmp(printer->serial, doctor->target->serial) == 0;

	doctor_set_facts(&doctor->report, write_key_facts, printer);
	doctor_broken(&doctor->report, CLI_FAILED,
		      same ? "use the stored key: leave --key-file out and name the printer with -p"
			   : "the serial numbers or keys of the two were mixed up: run flagship "
			     "refresh, or import anew",
		      "this key does not fit; that of printer %s%s%s%s, which is stored here, does",
		      printer->name[0] != '\0' ? printer->name : printer->serial,
		      printer->name[0] != '\0' ? " (" : "",
		      printer->name[0] != '\0' ? printer->serial : "",
		      printer->name[0] != '\0' ? ")" : "");
}

static void check_decryption(struct doctor *doctor, const struct doctor_received *received)
{
	const struct doctor_key *fitting = doctor_received_fitting(received);

	if (!doctor_begin(&doctor->report, "decryption", NULL)) {
		return;
	}
	if (!fitting) {
		doctor_broken(
			&doctor->report, CLI_FAILED,
			doctor->target->stored && !doctor->target->key_given
				? "the printer may have a new key: run flagship refresh"
				: "check that --key-file or FLAGSHIP_KEY holds the key of this "
				  "printer, or run flagship import or flagship login",
			"the key does not fit%s",
			received->key_count > 1 ? ", nor does any other that is stored here" : "");
	} else if (fitting != &received->keys[0]) {
		report_other_key(doctor, fitting);
	} else {
		doctor_well(&doctor->report, "the %s key fits",
			    doctor->target->stored && !doctor->target->key_given ? "stored"
										 : "given");
	}
}

static void check_age(struct doctor *doctor, const struct doctor_received *received)
{
	int64_t age_ms = doctor_now_ms() - received->received_at_ms;
	int64_t behind_s = clock_unix_s() - received->dated_s;
	char date[DOCTOR_TIME_MAX];

	if (!doctor_begin(&doctor->report, "age", NULL)) {
		return;
	}
	if (received->dated_s != 0 &&
	    (behind_s > CLOCK_TOLERANCE_S || behind_s < -CLOCK_TOLERANCE_S)) {
		doctor_broken(
			&doctor->report, CLI_NO_ANSWER,
			"the clock of the printer is wrong, or that of this machine: printers "
			"need NTP",
			"the last message came %.1f s ago, but says that it is of %s",
			(double)age_ms / MS_PER_S_REAL,
			doctor_format_time(received->dated_s, date));
		return;
	}
	doctor_well(&doctor->report, "the last message came %.1f s ago",
		    (double)age_ms / MS_PER_S_REAL);
}

/* All of them, for the list of what was skipped too. */
static void check_all(struct doctor *doctor, struct doctor_session *session)
{
	check_login(doctor, session);
	for (size_t i = 0; i < session->topic_count; i++) {
		check_subscription(doctor, session, i);
	}
	check_query(doctor, session);
	check_reply(doctor, session);
	check_checksum(doctor, &session->received);
	check_decryption(doctor, &session->received);
	check_age(doctor, &session->received);
}

static void skip_subscriptions(struct doctor *doctor)
{
	char topics[FLAGSHIP_CLIENT_TOPICS][FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	int count = doctor->target ? flagship_topic_client(doctor->target->serial,
							   doctor->login->user_id, topics)
				   : 0;

	for (int i = 0; i < count; i++) {
		(void)doctor_begin(&doctor->report, "subscription", shown_topic(topics[i]));
	}
	if (count <= 0) {
		(void)doctor_begin(&doctor->report, "subscription", NULL);
	}
}

static void skip_all(struct doctor *doctor)
{
	static const char *const names[] = {"query", "reply", "checksum", "decryption", "age"};

	(void)doctor_begin(&doctor->report, "login", NULL);
	skip_subscriptions(doctor);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)doctor_begin(&doctor->report, names[i], NULL);
	}
}

void doctor_check_printer(struct doctor *doctor)
{
	struct doctor_session session;

	if (doctor->report.statuses[DOCTOR_BROKER] != CLI_DONE) {
		skip_all(doctor);
		return;
	}
	int error = doctor_session_init(&session, doctor);
	if (!error) {
		check_all(doctor, &session);
	} else {
		(void)doctor_begin(&doctor->report, "login", NULL);
		doctor_broken(&doctor->report, CLI_FAILED, "check what flagship config shows",
			      "cannot prepare the connection: %s", flagship_strerror(error));
	}
	doctor_session_finish(&session);
}
