/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/access/credentials.h"

#include <string.h>

static struct credentials read(const char *authorization, const char *key)
{
	struct credentials credentials;

	credentials_read(authorization, key, &credentials);
	return credentials;
}

static void each_form_is_read(void **state)
{
	(void)state;
	assert_int_equal(read(NULL, NULL).kind, CREDENTIALS_NONE);
	assert_int_equal(read("", "").kind, CREDENTIALS_NONE);
	assert_string_equal(read(NULL, "abc").secret, "abc");
	assert_string_equal(read("Bearer  abc", NULL).secret, "abc");
	assert_string_equal(read("bearer abc", "").secret, "abc");
	struct credentials basic = read("Basic YTpiOmM=", NULL);
	assert_int_equal(basic.kind, CREDENTIALS_BASIC);
	assert_string_equal(basic.name, "a");
	assert_string_equal(basic.secret, "b:c");
	assert_int_equal(read("Digest x", NULL).kind, CREDENTIALS_DIGEST);
	/* The key comes first. */
	assert_string_equal(read("Bearer other", "abc").secret, "abc");
}

static void what_is_malformed_is_nobodys(void **state)
{
	static const char *const wrong[] = {"Basic",          "Basic ", "Basic !", "Basic YQ==",
					    "Basic YQA6Yg==", "Bearer", "Bearer ", "Bearerabc",
					    "Negotiate x",    "x"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(read(wrong[i], NULL).kind, CREDENTIALS_BROKEN);
	}
	char endless[CREDENTIALS_TEXT_MAX + 1];
	memset(endless, 'k', sizeof(endless));
	endless[CREDENTIALS_TEXT_MAX] = '\0';
	assert_int_equal(read(NULL, endless).kind, CREDENTIALS_BROKEN);
}

static void one_cookie_is_told_from_others(void **state)
{
	char value[8];

	(void)state;
	assert_true(cookie_get("a=1; flagship=abc ;b=2", "flagship", value, sizeof(value)));
	assert_string_equal(value, "abc");
	assert_false(cookie_get("xflagship=abc; flagshipx=1; FLAGSHIP=2", "flagship", value,
				sizeof(value)));
	assert_false(cookie_get("flagship=a; flagship=b", "flagship", value, sizeof(value)));
	assert_true(cookie_get("flagship=a; flagship=a", "flagship", value, sizeof(value)));
	assert_false(cookie_get("flagship=12345678", "flagship", value, sizeof(value)));
	assert_false(cookie_get(NULL, "flagship", value, sizeof(value)));
	assert_true(cookie_get("flagship=", "flagship", value, sizeof(value)));
}

/* The example of RFC 7616, 3.9.1. */
static void digest_is_as_the_rfc_has_it(void **state)
{
	static const char text[] =
		"username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", "
		"algorithm=MD5, "
		"nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "
		"cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "
		"response=\"8ca523f5e9506fed4657c9700eebdbec\", "
		"opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
	struct digest digest;
	char response[DIGEST_HEX_SIZE];

	(void)state;
	assert_true(digest_read(text, &digest));
	/* MD5("Mufasa:http-auth@example.org:Circle of Life") */
	assert_true(digest_response(&digest, "3d78807defe7de2157e2b0b6573a855f", "GET", response));
	assert_string_equal(response, digest.response);
	assert_int_equal(digest.count, 1);
}

static void digest_that_is_another_one_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"username",
		"username=\"a\", realm=\"r\"",
		"username=\"a\", username=\"b\", realm=r, nonce=n, cnonce=c, uri=u, nc=00000001, "
		"qop=auth, response=00000000000000000000000000000000",
		"username=a, realm=r, nonce=n, cnonce=c, uri=u, nc=00000000, qop=auth, "
		"response=00000000000000000000000000000000",
		"username=a, realm=r, nonce=n, cnonce=c, uri=u, nc=00000001, qop=auth-int, "
		"response=00000000000000000000000000000000",
		"username=a, realm=r, nonce=n, cnonce=c, uri=u, nc=00000001, qop=auth, "
		"algorithm=SHA-256, response=00000000000000000000000000000000",
		"username=a, realm=r, nonce=n, cnonce=c, uri=u, nc=00000001, qop=auth, response=0",
		"username=\"a, realm=r, nonce=n, cnonce=c, uri=u, nc=00000001, qop=auth, "
		"response=00000000000000000000000000000000",
	};
	struct digest digest;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(digest_read(wrong[i], &digest));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_is_read),
		cmocka_unit_test(what_is_malformed_is_nobodys),
		cmocka_unit_test(one_cookie_is_told_from_others),
		cmocka_unit_test(digest_is_as_the_rfc_has_it),
		cmocka_unit_test(digest_that_is_another_one_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
