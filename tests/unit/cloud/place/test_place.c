/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud/place/place.h"
#include "temporary.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct temporary temporary;
static struct cloud cloud;

static int set_up(void **state)
{
	(void)state;
	temporary_open(&temporary);
	snprintf(cloud.dir, sizeof(cloud.dir), "%s", temporary.folder);
	cloud.registry = temporary.registry;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	temporary_close(&temporary);
	return 0;
}

static void set(const char *setting, const char *value)
{
	assert_true(registry_set(cloud.registry, setting, value) >= 0);
}

static void ports_are_numbers(void **state)
{
	static const struct {
		const char *text;
		uint16_t port;
	} ports[] = {{"8789", 8789}, {"65535", 65535}, {"1", 1},   {"0", 0},
		     {"65536", 0},   {"-1", 0},        {"87x", 0}, {"", 0}};

	(void)state;
	assert_int_equal(cloud_port(&cloud, CLOUD_SETTING_MQTT_PORT), 0);
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		set(CLOUD_SETTING_MQTT_PORT, ports[i].text);
		assert_int_equal(cloud_port(&cloud, CLOUD_SETTING_MQTT_PORT), ports[i].port);
	}
}

static void this_machine_reaches_it(void **state)
{
	static const struct {
		const char *bind;
		const char *host;
	} places[] = {{"0.0.0.0", "127.0.0.1"},
		      {"::", "::1"},
		      {"192.0.2.7", "192.0.2.7"},
		      {"2001:db8::7", "2001:db8::7"}};
	char host[REGISTRY_TEXT_MAX];
	struct problem problem = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		set(CLOUD_SETTING_BIND, places[i].bind);
		assert_true(cloud_local_host(&cloud, host, &problem));
		assert_string_equal(host, places[i].host);
	}
	set(CLOUD_SETTING_BIND, " ");
	assert_false(cloud_local_host(&cloud, host, &problem));
	assert_non_null(strstr(problem.text, "flagship cloud init --bind"));
}

static void one_runs_in_a_folder(void **state)
{
	char path[PATH_MAX];

	(void)state;
	cloud_path(&cloud, CLOUD_LOCK, path);
	assert_memory_equal(path, temporary.folder, strlen(temporary.folder));
	assert_string_equal(path + strlen(temporary.folder), "/" CLOUD_LOCK);
	assert_false(cloud_is_locked(&cloud));
	int lock = cloud_lock(&cloud);
	assert_true(lock >= 0);
	assert_true(cloud_is_locked(&cloud));
	assert_int_equal(close(lock), 0);
	assert_false(cloud_is_locked(&cloud));
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ports_are_numbers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(this_machine_reaches_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_runs_in_a_folder, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
