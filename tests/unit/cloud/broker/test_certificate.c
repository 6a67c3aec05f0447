/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud/broker/certificate.h"
#include "failing_memory.h"

#include <flagship/error.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Keys and certificates, where each call of OpenSSL and of the disk fails once: the error is told,
 * what was there stays whole, nothing is left beside it, and the next try is good.
 */
#define FILE_MAX 8192
#define FILES    4

#define WRAP(type, failure, name, parameters, arguments) \
	type __real_##name parameters;                   \
	type __wrap_##name parameters;                   \
	type __wrap_##name parameters                    \
	{                                                \
		if (failing_memory_due()) {              \
			errno = EIO;                     \
			return failure;                  \
		}                                        \
		return __real_##name arguments;          \
	}

WRAP(FILE *, NULL, fopen, (const char *path, const char *mode), (path, mode))
WRAP(FILE *, NULL, fdopen, (int file, const char *mode), (file, mode))
WRAP(int, -1, fsync, (int file), (file))
WRAP(int, -1, rename, (const char *from, const char *to), (from, to))
WRAP(EVP_PKEY *, NULL, PEM_read_PrivateKey,
     (FILE * file, EVP_PKEY **key, pem_password_cb *ask, void *context), (file, key, ask, context))
WRAP(X509 *, NULL, PEM_read_X509,
     (FILE * file, X509 **certificate, pem_password_cb *ask, void *context),
     (file, certificate, ask, context))
WRAP(int, 0, PEM_write_X509, (FILE * file, const X509 *certificate), (file, certificate))
WRAP(int, 0, PEM_write_PrivateKey,
     (FILE * file, const EVP_PKEY *key, const EVP_CIPHER *cipher, const unsigned char *word,
      int length, pem_password_cb *ask, void *context),
     (file, key, cipher, word, length, ask, context))
WRAP(X509 *, NULL, X509_new, (void), ())
WRAP(int, 0, X509_set_version, (X509 * certificate, long version), (certificate, version))
WRAP(int, 0, X509_set_pubkey, (X509 * certificate, EVP_PKEY *key), (certificate, key))
WRAP(int, 0, X509_set_issuer_name, (X509 * certificate, const X509_NAME *name), (certificate, name))
WRAP(int, 0, X509_add_ext, (X509 * certificate, X509_EXTENSION *extension, int place),
     (certificate, extension, place))
WRAP(int, 0, X509_check_private_key, (const X509 *certificate, const EVP_PKEY *key),
     (certificate, key))
WRAP(int, 0, X509_sign, (X509 * certificate, EVP_PKEY *key, const EVP_MD *digest),
     (certificate, key, digest))
WRAP(int, 0, X509_NAME_add_entry_by_txt,
     (X509_NAME * name, const char *field, int type, const unsigned char *text, int length,
      int place, int set),
     (name, field, type, text, length, place, set))
WRAP(X509_EXTENSION *, NULL, X509V3_EXT_conf_nid,
     (LHASH_OF(CONF_VALUE) * settings, X509V3_CTX *context, int kind, const char *value),
     (settings, context, kind, value))
WRAP(int, 0, X509_add1_ext_i2d,
     (X509 * certificate, int kind, void *value, int critical, unsigned long flags),
     (certificate, kind, value, critical, flags))
WRAP(GENERAL_NAMES *, NULL, GENERAL_NAMES_new, (void), ())
WRAP(GENERAL_NAME *, NULL, a2i_GENERAL_NAME,
     (GENERAL_NAME * out, const X509V3_EXT_METHOD *method, X509V3_CTX *context, int type,
      const char *value, int is_constraint),
     (out, method, context, type, value, is_constraint))
WRAP(BIGNUM *, NULL, BN_new, (void), ())
WRAP(int, 0, BN_rand, (BIGNUM * number, int bits, int top, int bottom), (number, bits, top, bottom))
WRAP(ASN1_INTEGER *, NULL, BN_to_ASN1_INTEGER, (const BIGNUM *number, ASN1_INTEGER *out),
     (number, out))
WRAP(int, 0, ASN1_TIME_set_string_X509, (ASN1_TIME * time, const char *text), (time, text))

/* Which makes keys of both kinds; here, of one. */
EVP_PKEY *__real_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *library, const char *query, const char *type, ...);
EVP_PKEY *__wrap_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *library, const char *query, const char *type, ...);
EVP_PKEY *__wrap_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *library, const char *query, const char *type, ...)
{
	(void)type;
	return failing_memory_due() ? NULL
				    : __real_EVP_PKEY_Q_keygen(library, query, "EC", "P-256");
}

static char folder[PATH_MAX / 2];
static char paths[FILES][PATH_MAX];
static const char *const names[FILES] = {"ca.key", "ca.pem", "server.key", "server.pem"};

struct content {
	char bytes[FILE_MAX];
	size_t length;
};

static int set_up(void **state)
{
	const char *parent = getenv("TMPDIR");

	(void)state;
	failing_memory_arm(0);
	snprintf(folder, sizeof(folder), "%s/flagship-certificate.XXXXXX",
		 parent ? parent : "/tmp");
	if (!mkdtemp(folder)) {
		return -1;
	}
	for (size_t i = 0; i < FILES; i++) {
		snprintf(paths[i], sizeof(paths[i]), "%s/%s", folder, names[i]);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	failing_memory_arm(0);
	for (size_t i = 0; i < FILES; i++) {
		unlink(paths[i]);
	}
	return rmdir(folder);
}

/* Each makes the file of its number. */
static int make(size_t number)
{
	static const char *const hosts[] = {"printer.example", "192.0.2.1", "::1"};

	switch (number) {
	case 0:
		return certificate_make_key(paths[0], CERTIFICATE_ECDSA);
	case 1:
		return certificate_make_authority(paths[0], paths[1], "test authority");
	case 2:
		return certificate_make_key(paths[2], CERTIFICATE_RSA);
	default:
		return certificate_issue(paths[0], paths[1], paths[2], paths[3], "printer.example",
					 hosts, sizeof(hosts) / sizeof(hosts[0]));
	}
}

static void read_content(const char *path, struct content *content)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(file >= 0);
	ssize_t length = read(file, content->bytes, sizeof(content->bytes));
	assert_in_range(length, 1, sizeof(content->bytes) - 1);
	content->length = (size_t)length;
	close(file);
}

static void assert_nothing_beside(const char *path)
{
	char beside[PATH_MAX + 8];

	snprintf(beside, sizeof(beside), "%s.new", path);
	assert_int_equal(access(beside, F_OK), -1);
}

static void lose_each_call_of(size_t number)
{
	static struct content before;
	static struct content after;
	unsigned int count = 0;
	bool fell;

	assert_int_equal(make(number), 0);
	do {
		read_content(paths[number], &before);
		failing_memory_arm(++count);
		int result = make(number);
		fell = failing_memory_fell();
		failing_memory_arm(0);
		if (fell) {
			assert_true(result == FLAGSHIP_ERROR_CRYPTO ||
				    result == FLAGSHIP_ERROR_STORE);
			read_content(paths[number], &after);
			assert_int_equal(after.length, before.length);
			assert_memory_equal(after.bytes, before.bytes, before.length);
		} else {
			assert_int_equal(result, 0);
		}
		assert_nothing_beside(paths[number]);
		assert_int_equal(make(number), 0);
	} while (fell);
	assert_true(count > 3);
}

static void each_call_fails_once(void **state)
{
	(void)state;
	for (size_t number = 0; number < FILES; number++) {
		lose_each_call_of(number);
	}
}

static void keys_are_for_their_owner_alone(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(make(0), 0);
	assert_int_equal(stat(paths[0], &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void a_path_that_is_too_long_is_reported(void **state)
{
	char path[PATH_MAX];

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(certificate_make_key(path, CERTIFICATE_ECDSA), FLAGSHIP_ERROR_STORE);
	assert_int_equal(errno, ENAMETOOLONG);
}

static void what_is_no_key_is_told_from_what_cannot_be_read(void **state)
{
	(void)state;
	assert_int_equal(certificate_make_authority(paths[0], paths[1], "x"), FLAGSHIP_ERROR_STORE);
	FILE *file = fopen(paths[0], "w");
	assert_non_null(file);
	fputs("no key\n", file);
	fclose(file);
	assert_int_equal(certificate_make_authority(paths[0], paths[1], "x"),
			 FLAGSHIP_ERROR_CRYPTO);
	assert_int_equal(access(paths[1], F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_call_fails_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keys_are_for_their_owner_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_path_that_is_too_long_is_reported, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_key_is_told_from_what_cannot_be_read,
						set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("certificate", tests, NULL, NULL);
}
