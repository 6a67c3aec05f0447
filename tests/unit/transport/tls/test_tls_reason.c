/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transport/mqtt/reason.h"
#include "transport/tls/reason.h"

#include <mosquitto.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <string.h>

#define LIBRARY_CODES 32 /* of libmosquitto: above zero, without gaps */

static void finds_the_code_in_a_log(void **state)
{
	(void)state;
	assert_int_equal(tls_reason_code("OpenSSL Error[0]: error:0A000102:SSL "
					 "routines::unsupported protocol"),
			 0x0A000102);
	assert_int_equal(tls_reason_code("Unable to connect"), 0);
	assert_int_equal(tls_reason_code("error:"), 0);
	assert_int_equal(tls_reason_code(""), 0);
}

static void tells_what_is_wrong_and_what_helps(void **state)
{
	static const struct {
		int reason;
		const char *what;
		const char *advice;
	} rows[] = {
		{SSL_R_UNSUPPORTED_PROTOCOL, "1.1", "TLS 1.2 or newer"},
		{SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, "1.1", "TLS 1.2 or newer"},
		{SSL_R_WRONG_VERSION_NUMBER, "not TLS", "mqtt://"},
		{SSL_R_DH_KEY_TOO_SMALL, "Diffie-Hellman", "2048"},
		{SSL_R_EE_KEY_TOO_SMALL, "too weak", "2048"},
		{SSL_R_CA_MD_TOO_WEAK, "too weak", "SHA-256"},
		{SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, "in common", "ciphers"},
		{SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, "wants a certificate", "password"},
		{SSL_R_UNEXPECTED_EOF_WHILE_READING, "hung up", "log"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tls_reason told = tls_reason_of(ERR_PACK(ERR_LIB_SSL, 0, rows[i].reason),
						       "otherwise");

		assert_non_null(strstr(told.what, rows[i].what));
		assert_non_null(strstr(told.advice, rows[i].advice));
	}
	assert_string_equal(tls_reason_of(0, "otherwise").what, "otherwise");
	assert_non_null(strstr(tls_reason_of(tls_reason_of_alert(116), "").what, "certificate"));
}

static void never_says_that_an_error_is_unknown(void **state)
{
	(void)state;
	for (int code = 1; code < LIBRARY_CODES; code++) {
		assert_null(strstr(mqtt_reason_of_library(code), "nknown error"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_code_in_a_log),
		cmocka_unit_test(tells_what_is_wrong_and_what_helps),
		cmocka_unit_test(never_says_that_an_error_is_unknown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("tls_reason", tests, NULL, NULL);
}
