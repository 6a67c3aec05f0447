/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud/broker/plugin/sessions.h"

#include <stdio.h>
#include <string.h>

#define SERIAL "AK7ABC0123456789"
#define OTHER  "AK7XYZ0000000001"
#define ANNE   "00000000000000000000000000000000000000aa"
#define BOB    "00000000000000000000000000000000000000bb"

struct who {
	enum access_role role;
	const char *name;       /* serial number or user id */
	const char *credential; /* NULL: none presented */
	const char *address;
};

static char handles[1024];

static struct plugin_client *come(struct plugin_clients *clients, size_t handle,
				  const struct who *who, const char *id, int64_t now_s)
{
	struct plugin_client *client = clients_add(clients, &handles[handle]);
	bool is_account = who->role == ACCESS_ACCOUNT || who->role == ACCESS_ADMINISTRATOR;

	assert_non_null(client);
	client->login.role = who->role;
	strcpy(is_account ? client->login.user_id : client->login.serial, who->name);
	if (who->credential) {
		client->presented_login = client->has_credential = true;
		memcpy(client->credential, who->credential, strlen(who->credential));
	}
	client->address = address_of_text(who->address ? who->address : "192.168.1.7");
	client->grace_until = now_s + SESSIONS_GRACE_S;
	assert_true(sessions_note_id(client, id));
	return client;
}

static const struct who printer = {ACCESS_PRINTER, SERIAL, "pw", NULL};
static const struct who other_printer = {ACCESS_PRINTER, OTHER, "pw2", NULL};
static const struct who unproven = {ACCESS_UNPROVEN, SERIAL, NULL, NULL};
static const struct who unproven_too = {ACCESS_UNPROVEN, SERIAL, NULL, "192.168.1.9"};
static const struct who presents = {ACCESS_UNPROVEN, SERIAL, "new", NULL};
static const struct who anne = {ACCESS_ACCOUNT, ANNE, NULL, NULL};
static const struct who bob = {ACCESS_ACCOUNT, BOB, NULL, NULL};
static const struct who administrator = {ACCESS_ADMINISTRATOR, BOB, NULL, NULL};
static const struct who other_administrator = {ACCESS_ADMINISTRATOR, ANNE, NULL, NULL};

/* Who has a client id, who wants it, and whether that one gets it. */
static void a_client_id_stays_with_whoever_is_not_outranked(void **state)
{
	static const struct {
		const struct who *holder, *newcomer;
		const char *id;
		int64_t after_s;
		bool taken;
	} cases[] = {
		{&printer, &printer, "one", 0, true},
		{&printer, &unproven, "one", 0, false},
		{&printer, &unproven, "one", 86400, false},
		{&printer, &anne, "one", 86400, false},
		{&printer, &other_printer, "one", 86400, false},
		{&printer, &administrator, "one", 0, true},
		{&anne, &anne, "one", 0, true},
		{&anne, &bob, "one", 86400, false},
		{&anne, &printer, "one", 86400, false},
		{&anne, &unproven, "one", 86400, false},
		{&anne, &other_administrator, "one", 0, true},
		{&administrator, &printer, "one", 86400, false},
		{&administrator, &unproven, "one", 86400, false},
		{&administrator, &other_administrator, "one", 86400, false},
		{&administrator, &other_administrator, "x_" ANNE, 86400, true},
		{&unproven, &printer, "one", 0, true},
		{&unproven, &anne, "one", 0, true},
		{&unproven, &unproven, "one", SESSIONS_GRACE_S - 1, false},
		{&unproven, &unproven_too, "one", SESSIONS_GRACE_S - 1, false},
		{&unproven, &unproven_too, "one", SESSIONS_GRACE_S, true},
		{&presents, &presents, "one", 0, true},
		{&presents, &unproven, "one", 0, false},
		/* An account squats on the client id of a printer, and the other way round. */
		{&anne, &printer, "dev_fdm_0123456789ab_" SERIAL, 0, true},
		{&printer, &anne, "dev_fdm_0123456789ab_" SERIAL, 86400, false},
		{&bob, &anne, "pc_windows_AnkerMakeStudio_direct_" ANNE "_1_2", 0, true},
		{&anne, &bob, "pc_windows_AnkerMakeStudio_direct_" ANNE "_1_2", 86400, false},
		{&other_printer, &printer, "dev_fdm_0123456789ab_" SERIAL, 0, true},
		{&unproven, &unproven_too, "dev_fdm_0123456789ab_" SERIAL, 0, false},
		{&administrator, &printer, "dev_fdm_0123456789ab_" SERIAL, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct plugin_clients clients;

		clients_init(&clients);
		come(&clients, 0, cases[i].holder, cases[i].id, 0);
		const struct plugin_client *client = come(&clients, 1, cases[i].newcomer,
							  cases[i].id, cases[i].after_s);
		const char *reason = sessions_refuse(&clients, client, 512, cases[i].after_s);

		if ((reason == NULL) != cases[i].taken) {
			fail_msg("case %zu: %s", i, reason ? reason : "taken");
		}
		clients_finish(&clients);
	}
}

static void a_session_that_waits_is_in_use(void **state)
{
	struct plugin_clients clients;

	(void)state;
	for (int lasts = 0; lasts <= 1; lasts++) {
		clients_init(&clients);
		struct plugin_client *left = come(&clients, 0, &anne, "one", 0);

		left->lasts = lasts != 0;
		clients_leave(&clients, left, 3600);
		const struct plugin_client *client = come(&clients, 1, &bob, "one", 1);

		assert_true((sessions_refuse(&clients, client, 1, 1) != NULL) == (lasts != 0));
		clients_finish(&clients);
	}
}

static void who_was_thrown_out_has_it_no_more(void **state)
{
	struct plugin_clients clients;

	(void)state;
	clients_init(&clients);
	struct plugin_client *holder = come(&clients, 0, &anne, "one", 0);

	holder->lasts = true;
	sessions_take(&clients, come(&clients, 1, &administrator, "one", 0));
	assert_true(holder->superseded);
	clients_leave(&clients, clients_find(&clients, &handles[1]), 2);
	assert_null(sessions_refuse(&clients, come(&clients, 2, &anne, "one", 0), 1, 0));
	clients_finish(&clients);
}

static size_t fill(struct plugin_clients *clients, const struct who *who, size_t maximum,
		   size_t unproven_max)
{
	char id[16];

	for (size_t i = 0; i < maximum; i++) {
		snprintf(id, sizeof(id), "id%zu", i);
		struct plugin_client *client = come(clients, i, who, id, 0);

		client->lasts = true;
		if (sessions_refuse(clients, client, unproven_max, 0)) {
			clients_remove(clients, client);
			return i;
		}
		if (i % 2) {
			clients_leave(clients, client, 3600);
		}
	}
	return maximum;
}

static void sessions_of_one_are_bounded(void **state)
{
	struct plugin_clients clients;

	(void)state;
	clients_init(&clients);
	assert_int_equal(fill(&clients, &anne, 512, 1), SESSIONS_OF_ACCOUNT);
	/* Others are not concerned, and the same client id is no further one. */
	assert_null(sessions_refuse(&clients, come(&clients, 900, &bob, "new", 0), 1, 0));
	assert_null(sessions_refuse(&clients, come(&clients, 901, &anne, "id1", 0), 1, 0));
	clients_finish(&clients);
	clients_init(&clients);
	assert_int_equal(fill(&clients, &printer, 512, 1), SESSIONS_OF_PRINTER);
	assert_null(sessions_refuse(&clients, come(&clients, 900, &other_printer, "new", 0), 1, 0));
	clients_finish(&clients);
	clients_init(&clients);
	assert_int_equal(fill(&clients, &unproven, 512, 20), 20);
	assert_null(sessions_refuse(&clients, come(&clients, 900, &unproven_too, "new", 0), 20, 0));
	assert_null(sessions_refuse(&clients, come(&clients, 901, &printer, "new2", 0), 20, 0));
	clients_finish(&clients);
}

static void a_client_id_has_a_length(void **state)
{
	struct plugin_client client = {0};
	char id[CLIENT_ID_MAX + 2];

	(void)state;
	memset(id, 'a', sizeof(id));
	id[CLIENT_ID_MAX + 1] = '\0';
	assert_false(sessions_note_id(&client, id));
	id[CLIENT_ID_MAX] = '\0';
	assert_true(sessions_note_id(&client, id));
	assert_string_equal(client.id, id);
}

static void addresses_are_counted_by_household(void **state)
{
	static const struct {
		const char *one, *other;
		bool same;
	} cases[] = {
		{"192.168.1.7", "::ffff:192.168.1.7", true},
		{"192.168.1.7", "192.168.1.8", false},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"::ffff:192.168.1.7", "::ffff:192.168.1.8", false},
		{"127.0.0.1", "::1", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct address_key one = address_of_text(cases[i].one);
		struct address_key other = address_of_text(cases[i].other);

		assert_int_equal(address_same(&one, &other), cases[i].same);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_id_stays_with_whoever_is_not_outranked),
		cmocka_unit_test(a_session_that_waits_is_in_use),
		cmocka_unit_test(who_was_thrown_out_has_it_no_more),
		cmocka_unit_test(sessions_of_one_are_bounded),
		cmocka_unit_test(a_client_id_has_a_length),
		cmocka_unit_test(addresses_are_counted_by_household),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
