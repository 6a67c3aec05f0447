/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transport/tls/trust.h"

#include <flagship/account.h>
#include <flagship/error.h>

#include <string.h>

#define PIN     "7fff454f246977037 81c433c"
#define PIN_HEX "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define PIN_COLONS                                         \
	"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:" \
	"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff"

static void reads_fingerprints(void **state)
{
	static const char *const good[] = {PIN_HEX, PIN_COLONS, FLAGSHIP_VENDOR_CERTIFICATE_SHA256};
	static const char *const bad[] = {
		"",          "00",
		PIN_HEX "0", PIN_COLONS ":",
		":" PIN_HEX, "0g112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
		"001122",    PIN};
	uint8_t pin[TRUST_PIN_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(trust_parse_pin(good[i], pin));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(trust_parse_pin(bad[i], pin));
	}
}

static void writes_what_it_reads(void **state)
{
	uint8_t pin[TRUST_PIN_SIZE];
	char text[TRUST_PIN_TEXT_SIZE];

	(void)state;
	assert_true(trust_parse_pin(PIN_COLONS, pin));
	trust_format_pin(pin, text);
	assert_string_equal(text,
			    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
}

struct mode_case {
	const char *host;
	struct trust_options options;
	enum trust_mode mode;
};

static void chooses_what_to_trust(void **state)
{
	static const struct mode_case cases[] = {
		{"broker.example", {0}, TRUST_SYSTEM},
		{"127.0.0.1", {0}, TRUST_SYSTEM},
		{"broker.example", {.pin_sha256 = PIN_HEX}, TRUST_PIN},
		{"::1", {.insecure = true}, TRUST_INSECURE},
		{"make-mqtt.ankermake.com", {0}, TRUST_PIN},
		{"make-mqtt-eu.AnkerMake.com", {0}, TRUST_PIN},
		{"make-app.ankermake.com", {.web = true}, TRUST_SYSTEM},
		{"make-app.ankermake.com", {.web = true, .pin_sha256 = PIN_HEX}, TRUST_PIN},
		{"make-mqtt.ankermake.com", {.insecure = true}, TRUST_INSECURE},
		{"notankermake.com", {0}, TRUST_SYSTEM},
		{"ankermake.com.example", {0}, TRUST_SYSTEM},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trust trust;
		assert_int_equal(trust_init(&trust, &cases[i].options, cases[i].host), 0);
		assert_int_equal(trust.mode, cases[i].mode);
		assert_int_equal(SSL_CTX_get_min_proto_version(trust.context), TLS1_2_VERSION);
		trust_finish(&trust);
	}
}

static void pins_the_vendor_by_its_fingerprint(void **state)
{
	struct trust trust;
	char text[TRUST_PIN_TEXT_SIZE];

	(void)state;
	assert_int_equal(trust_init(&trust, &(struct trust_options){0}, "make-mqtt.ankermake.com"),
			 0);
	trust_format_pin(trust.pin, text);
	assert_string_equal(text, FLAGSHIP_VENDOR_CERTIFICATE_SHA256);
	trust_finish(&trust);
}

static void assert_refused(const char *host, struct trust_options options, int error)
{
	struct trust trust;

	assert_int_equal(trust_init(&trust, &options, host), error);
	assert_true(trust.detail[0] != '\0');
	assert_null(trust.context);
	trust_finish(&trust);
}

static void says_what_is_wrong_with_the_options(void **state)
{
	char host[TRUST_HOST_MAX + 1];

	(void)state;
	memset(host, 'a', sizeof(host));
	host[TRUST_HOST_MAX] = '\0';
	assert_refused("", (struct trust_options){0}, FLAGSHIP_ERROR_ARGUMENT);
	assert_refused(host, (struct trust_options){0}, FLAGSHIP_ERROR_ARGUMENT);
	assert_refused("h", (struct trust_options){.pin_sha256 = "12"}, FLAGSHIP_ERROR_ARGUMENT);
	assert_refused("h", (struct trust_options){.pin_sha256 = PIN_HEX, .insecure = true},
		       FLAGSHIP_ERROR_ARGUMENT);
	assert_refused("h", (struct trust_options){.ca_file = "/nonexistent/ca.pem"},
		       FLAGSHIP_ERROR_CRYPTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_fingerprints),
		cmocka_unit_test(writes_what_it_reads),
		cmocka_unit_test(chooses_what_to_trust),
		cmocka_unit_test(pins_the_vendor_by_its_fingerprint),
		cmocka_unit_test(says_what_is_wrong_with_the_options),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("trust", tests, NULL, NULL);
}
