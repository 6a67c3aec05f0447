/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "temporary.h"

#include "cloud/registry/credential.h"
#include "cloud/rules/cluster.h"

#include <stdio.h>
#include <string.h>

#define MINE     "AK7ABC0123456789"
#define OTHERS   "AK8DEF0123456789"
#define EMAIL    "anne@example.org"
#define PRINTER  "printer1"
#define PASSWORD "printer secret"
#define TEXT_MAX 1024

struct fixture {
	struct temporary temporary;
	char secret[CLUSTER_SECRET_SIZE];
	char user_id[REGISTRY_TEXT_MAX];
	char administrator[REGISTRY_TEXT_MAX];
};

/* @A, @M: the user id of the account and of the administrator. */
struct question {
	const char *call;
	const char *body;
	const char *answer;
};

#define FORM_PRINTER "username=" PRINTER "&vhost=%2F"
#define FORM_ACCOUNT "username=eufy_@A&vhost=%2F"

static const struct question before_login[] = {
	{"rabbitmq/vhost", FORM_PRINTER "&ip=127.0.0.1", "deny"},
	{"rabbitmq/user", "username=" PRINTER "&password=wrong", "deny"},
	{"rabbitmq/user", "username=" PRINTER, "deny"},
	{"rabbitmq/user", "password=printer+secret", "deny"},
	{"rabbitmq/user", "username=nobody&password=printer+secret", "deny"},
	{"rabbitmq/user", "", "deny"},
	{"rabbitmq/user", "username=eufy_@A&password=bob%40example.org", "deny"},
	{"rabbitmq/user", "username=eufy_&password=anne%40example.org", "deny"},
	{"rabbitmq/vhost", FORM_PRINTER "&ip=127.0.0.1", "deny"},
};

static const struct question rabbitmq[] = {
	{"rabbitmq/user", "username=eufy_@A&password=anne%40example.org", "allow"},
	{"rabbitmq/user", "username=eufy_@M&password=admin%40example.org", "allow"},
	{"rabbitmq/vhost", FORM_PRINTER, "allow"},
	{"rabbitmq/vhost", FORM_ACCOUNT, "allow"},
	{"rabbitmq/vhost", "username=" PRINTER "&vhost=other", "deny"},
	{"rabbitmq/vhost", "username=nobody&vhost=%2F", "deny"},
	{"rabbitmq/vhost", "username=" PRINTER, "deny"},
	{"rabbitmq/resource",
	 FORM_PRINTER "&resource=queue&name=mqtt-subscription-1qos0&permission=configure", "allow"},
	{"rabbitmq/resource", FORM_PRINTER "&resource=queue&name=other&permission=configure",
	 "deny"},
	/* A queue is of whoever makes it first. */
	{"rabbitmq/resource",
	 FORM_PRINTER "&resource=queue&name=mqtt-subscription-1qos0&permission=read", "allow"},
	{"rabbitmq/resource",
	 FORM_ACCOUNT "&resource=queue&name=mqtt-subscription-1qos0&permission=read", "deny"},
	{"rabbitmq/resource",
	 FORM_ACCOUNT "&resource=queue&name=mqtt-subscription-1qos0&permission=configure", "deny"},
	{"rabbitmq/resource",
	 FORM_ACCOUNT "&resource=queue&name=mqtt-subscription-2qos1&permission=write", "deny"},
	{"rabbitmq/resource",
	 FORM_ACCOUNT "&resource=queue&name=mqtt-subscription-2qos1&permission=configure", "allow"},
	{"rabbitmq/resource",
	 FORM_ACCOUNT "&resource=queue&name=mqtt-subscription-2qos1&permission=write", "allow"},
	{"rabbitmq/resource", FORM_PRINTER "&resource=exchange&name=amq.topic&permission=write",
	 "allow"},
	{"rabbitmq/resource", FORM_PRINTER "&resource=exchange&name=amq.topic&permission=read",
	 "allow"},
	{"rabbitmq/resource", FORM_PRINTER "&resource=exchange&name=amq.topic&permission=configure",
	 "deny"},
	{"rabbitmq/resource", FORM_PRINTER "&resource=exchange&name=amq.direct&permission=write",
	 "deny"},
	{"rabbitmq/resource", FORM_PRINTER "&resource=exchange&name=amq.topic", "deny"},
	{"rabbitmq/resource", "username=nobody&resource=exchange&name=amq.topic&permission=write",
	 "deny"},
	{"rabbitmq/topic",
	 FORM_PRINTER "&permission=write&routing_key=.phone.maker." MINE ".notice", "allow"},
	{"rabbitmq/topic",
	 FORM_PRINTER "&permission=write&routing_key=.phone.maker." OTHERS ".notice", "deny"},
	{"rabbitmq/topic",
	 FORM_PRINTER "&permission=read&routing_key=.device.maker." MINE ".command", "allow"},
	{"rabbitmq/topic", FORM_PRINTER "&permission=read&routing_key=.device.maker.*.command",
	 "deny"},
	{"rabbitmq/topic", FORM_PRINTER "&permission=read&routing_key=%23", "deny"},
	{"rabbitmq/topic",
	 FORM_PRINTER "&permission=configure&routing_key=.phone.maker." MINE ".notice", "deny"},
	{"rabbitmq/topic", FORM_PRINTER "&permission=write", "deny"},
	{"rabbitmq/topic", FORM_PRINTER "&routing_key=.phone.maker." MINE ".notice", "deny"},
	{"rabbitmq/topic", "permission=write&routing_key=.phone.maker." MINE ".notice", "deny"},
	{"rabbitmq/topic", FORM_ACCOUNT "&permission=read&routing_key=.phone.maker." MINE ".notice",
	 "allow"},
	{"rabbitmq/topic",
	 FORM_ACCOUNT "&permission=read&routing_key=.phone.maker." OTHERS ".notice", "deny"},
	{"rabbitmq/topic",
	 FORM_ACCOUNT "&permission=write&routing_key=.device.maker." MINE ".command", "allow"},
	{"rabbitmq/topic",
	 FORM_ACCOUNT "&permission=write&routing_key=.phone.maker." MINE ".notice", "deny"},
	{"rabbitmq/topic", "username=eufy_@M&permission=read&routing_key=%23", "allow"},
};

#define JSON_TOPIC(user, action, topic) \
	"{\"username\":\"" user "\",\"action\":\"" action "\",\"topic\":\"" topic "\"}"
#define DENY       "{\"result\":\"deny\"}"
#define ALLOW      "{\"result\":\"allow\"}"
#define DENY_LOGIN "{\"result\":\"deny\",\"is_superuser\":false}"

static const struct question emqx[] = {
	{"emqx/authn", "{\"username\":\"" PRINTER "\",\"password\":\"" PASSWORD "\"}",
	 "{\"result\":\"allow\",\"is_superuser\":false}"},
	{"emqx/authn", "{\"username\":\"eufy_@M\",\"password\":\"admin@example.org\"}",
	 "{\"result\":\"allow\",\"is_superuser\":true}"},
	{"emqx/authn", "{\"username\":\"" PRINTER "\",\"password\":\"wrong\"}", DENY_LOGIN},
	{"emqx/authn", "{\"username\":\"" PRINTER "\",\"password\":null}", DENY_LOGIN},
	{"emqx/authn", "{\"username\":[\"" PRINTER "\"],\"password\":1}", DENY_LOGIN},
	{"emqx/authn", "{\"username\":\"" PRINTER "\",", DENY_LOGIN},
	{"emqx/authn", "[]", DENY_LOGIN},
	{"emqx/authn", "", DENY_LOGIN},
	{"emqx/authz", JSON_TOPIC(PRINTER, "publish", "/phone/maker/" MINE "/notice"), ALLOW},
	{"emqx/authz", JSON_TOPIC(PRINTER, "subscribe", "/device/maker/" MINE "/query"), ALLOW},
	{"emqx/authz", JSON_TOPIC(PRINTER, "publish", "/phone/maker/" OTHERS "/notice"), DENY},
	{"emqx/authz", JSON_TOPIC(PRINTER, "all", "/phone/maker/" MINE "/notice"), DENY},
	{"emqx/authz", JSON_TOPIC("nobody", "publish", "/phone/maker/" MINE "/notice"), DENY},
	{"emqx/authz", JSON_TOPIC("eufy_@A", "subscribe", "/phone/maker/" MINE "/notice"), ALLOW},
	{"emqx/authz", JSON_TOPIC("eufy_@A", "subscribe", "/phone/maker/+/notice"), DENY},
	{"emqx/authz", JSON_TOPIC("eufy_@A", "subscribe", "$SYS/#"), DENY},
	{"emqx/authz", "{}", DENY},
	{"emqx/authz", "null", DENY},
	{"emqx/authz",
	 "{\"username\":\"eufy_@A\",\"action\":\"publish\",\"retain\":\"true\","
	 "\"topic\":\"/device/maker/" MINE "/command\"}",
	 DENY},
	{"emqx/authz",
	 "{\"username\":\"eufy_@A\",\"action\":\"publish\",\"retain\":true,"
	 "\"topic\":\"/device/maker/" MINE "/command\"}",
	 DENY},
	{"emqx/authz",
	 "{\"username\":\"eufy_@A\",\"action\":\"publish\",\"retain\":\"false\","
	 "\"topic\":\"/device/maker/" MINE "/command\"}",
	 ALLOW},
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void bind_printer(const struct fixture *fixture, const char *serial, const char *password)
{
	struct registry *registry = fixture->temporary.registry;
	uint8_t secret[CREDENTIAL_SECRET_SIZE];
	uint8_t hash[REGISTRY_HASH_SIZE];

	assert_true(credential_secret(registry, secret) >= 0);
	assert_true(credential_hash(secret, PRINTER, password, hash));
	assert_int_equal(registry_bind(registry, serial, hash, 1), 1);
}

static int make(void **state)
{
	static struct fixture fixture;
	struct registry_account account;

	temporary_open(&fixture.temporary);
	struct registry *registry = fixture.temporary.registry;
	account = temporary_account(&fixture.temporary, EMAIL, "");
	snprintf(fixture.user_id, sizeof(fixture.user_id), "%s", account.user_id);
	account = temporary_account(&fixture.temporary, "admin@example.org", "");
	snprintf(fixture.administrator, sizeof(fixture.administrator), "%s", account.user_id);
	account.administrator = true;
	assert_int_equal(registry_update_account(registry, &account), 1);
	temporary_printer(&fixture.temporary, fixture.user_id, MINE);
	temporary_printer(&fixture.temporary, NULL, OTHERS);
	bind_printer(&fixture, MINE, PASSWORD);
	assert_int_equal(cluster_secret(registry, fixture.secret), 1);
	*state = &fixture;
	return 0;
}

static int drop(void **state)
{
	struct fixture *fixture = *state;

	temporary_close(&fixture->temporary);
	return 0;
}

static void fill_in(const struct fixture *fixture, const char *text, char out[TEXT_MAX])
{
	size_t used = 0;

	for (; *text; text++) {
		const char *part = NULL;

		if (text[0] == '@' && (text[1] == 'A' || text[1] == 'M')) {
			part = text[1] == 'A' ? fixture->user_id : fixture->administrator;
			text++;
		}
		used += (size_t)snprintf(out + used, TEXT_MAX - used, "%.*s", part ? 40 : 1,
					 part ? part : text);
	}
	out[used] = '\0';
}

static struct cluster_answer ask(const struct fixture *fixture, const char *secret,
				 const char *call, const char *body)
{
	char path[TEXT_MAX];
	char filled[TEXT_MAX];
	struct cluster_answer answer;

	snprintf(path, sizeof(path), CLUSTER_PREFIX "%s/%s", secret, call);
	fill_in(fixture, body, filled);
	cluster_call(fixture->temporary.registry, path, filled, strlen(filled), &answer);
	return answer;
}

static void ask_all(const struct fixture *fixture, const struct question *questions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct cluster_answer answer = ask(fixture, fixture->secret, questions[i].call,
						   questions[i].body);

		assert_int_equal(answer.status, 200);
		if (strcmp(answer.text, questions[i].answer) != 0) {
			fail_msg("%s %s: %s", questions[i].call, questions[i].body, answer.text);
		}
	}
}

static void log_printer_in(const struct fixture *fixture)
{
	struct cluster_answer answer = ask(fixture, fixture->secret, "rabbitmq/user",
					   "username=" PRINTER "&password=printer+secret");

	assert_string_equal(answer.text, "allow");
	assert_string_equal(answer.content_type, "text/plain");
}

static void rabbitmq_gets_the_same_rules(void **state)
{
	ask_all(*state, before_login, LENGTH(before_login));
	log_printer_in(*state);
	ask_all(*state, rabbitmq, LENGTH(rabbitmq));
}

static void emqx_gets_the_same_rules(void **state)
{
	struct cluster_answer answer;

	ask_all(*state, emqx, LENGTH(emqx));
	answer = ask(*state, ((struct fixture *)*state)->secret, "emqx/authz", "{}");
	assert_string_equal(answer.content_type, "application/json");
}

static void a_removed_printer_is_nobody(void **state)
{
	static const struct question after = {
		"rabbitmq/topic",
		FORM_PRINTER "&permission=write&routing_key=.phone.maker." MINE ".notice", "deny"};
	struct fixture *fixture = *state;

	log_printer_in(fixture);
	assert_int_equal(registry_remove_printer(fixture->temporary.registry, MINE), 1);
	ask_all(fixture, &after, 1);
	ask_all(fixture, before_login, 1);
}

/* RabbitMQ asks by user name alone: a second printer of that name would reach the first one's. */
static void a_user_name_is_of_one_printer(void **state)
{
	static const struct question second[] = {
		{"rabbitmq/user", "username=" PRINTER "&password=second", "deny"},
		{"rabbitmq/topic",
		 FORM_PRINTER "&permission=write&routing_key=.phone.maker." OTHERS ".notice",
		 "deny"},
		{"rabbitmq/topic",
		 FORM_PRINTER "&permission=write&routing_key=.phone.maker." MINE ".notice",
		 "allow"},
	};
	static const struct question after = {"rabbitmq/user",
					      "username=" PRINTER "&password=second", "allow"};
	struct fixture *fixture = *state;

	log_printer_in(fixture);
	bind_printer(fixture, OTHERS, "second");
	ask_all(fixture, second, LENGTH(second));
	assert_int_equal(registry_unbind(fixture->temporary.registry, MINE), 1);
	ask_all(fixture, &after, 1);
}

static void without_the_secret_there_is_nothing(void **state)
{
	static const char *const calls[] = {"", "emqx", "emqx/authn/", "rabbitmq/users", "user"};
	struct fixture *fixture = *state;
	char other[CLUSTER_SECRET_SIZE];
	struct cluster_answer answer;

	snprintf(other, sizeof(other), "%s", fixture->secret);
	other[0] = other[0] == '0' ? '1' : '0';
	assert_int_equal(ask(fixture, other, "rabbitmq/user", "").status, 404);
	assert_int_equal(ask(fixture, "", "rabbitmq/user", "").status, 404);
	other[0] = fixture->secret[0];
	other[CLUSTER_SECRET_SIZE - 2] = '\0';
	assert_int_equal(ask(fixture, other, "rabbitmq/user", "").status, 404);
	for (size_t i = 0; i < LENGTH(calls); i++) {
		answer = ask(fixture, fixture->secret, calls[i], "");
		assert_int_equal(answer.status, 404);
		assert_string_equal(answer.text, "");
	}
}

static void the_secret_stays(void **state)
{
	struct fixture *fixture = *state;
	char again[CLUSTER_SECRET_SIZE];

	assert_int_equal(strlen(fixture->secret), CLUSTER_SECRET_SIZE - 1);
	assert_int_equal(cluster_secret(fixture->temporary.registry, again), 1);
	assert_string_equal(again, fixture->secret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rabbitmq_gets_the_same_rules, make, drop),
		cmocka_unit_test_setup_teardown(emqx_gets_the_same_rules, make, drop),
		cmocka_unit_test_setup_teardown(a_removed_printer_is_nobody, make, drop),
		cmocka_unit_test_setup_teardown(a_user_name_is_of_one_printer, make, drop),
		cmocka_unit_test_setup_teardown(without_the_secret_there_is_nothing, make, drop),
		cmocka_unit_test_setup_teardown(the_secret_stays, make, drop),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
