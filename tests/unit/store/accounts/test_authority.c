/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"
#include "store/accounts/accounts.h"
#include "store/accounts/authority.h"
#include "store/file/paths.h"

#include <flagship/error.h>

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define VALID_S 3600

/* A certificate that signed itself, as PEM. */
static void make_pem(const char *name, char out[AUTHORITY_TEXT_MAX])
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());

	assert_non_null(key);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
	X509_gmtime_adj(X509_getm_notAfter(certificate), VALID_S);
	X509_set_pubkey(certificate, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
				   (const unsigned char *)name, -1, -1, 0);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
	int length = BIO_read(bio, out, AUTHORITY_TEXT_MAX - 1);
	assert_true(length > 0);
	out[length] = '\0';
	BIO_free(bio);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

struct read_case {
	const char *text;
	const char *words; /* of the problem */
};

static void what_is_no_certificate_is_refused(void **state)
{
	static const struct read_case cases[] = {
		{"", "there is none"},
		{"nothing of the kind", "there is none"},
		{"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "damaged"},
		{"-----BEGIN CERTIFICATE-----\nMIIB", "damaged"},
		{"-----BEGIN EC PRIVATE KEY-----\n", "ca.pem, and not ca.key"},
	};
	struct store_authority found[AUTHORITY_CERTIFICATES_MAX];
	struct problem problem;
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(store_authority_read(cases[i].text, found, &count, NULL, &problem),
				 FLAGSHIP_ERROR_ARGUMENT);
		assert_non_null(strstr(problem.text, cases[i].words));
	}
}

/* OpenSSL would ask a terminal for the password, or take a line of standard input, where the login
 * that goes on waits for the person's answers. */
static void nobody_is_asked_for_the_password_of_one_that_is_encrypted(void **state)
{
	static const char encrypted[] = "-----BEGIN CERTIFICATE-----\n"
					"Proc-Type: 4,ENCRYPTED\n"
					"DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n"
					"\n"
					"AAAAAAAAAAAAAAAAAAAAAA==\n"
					"-----END CERTIFICATE-----\n";
	static const char answer[] = "answer\n";
	char left[sizeof(answer)] = "";
	struct store_authority found[AUTHORITY_CERTIFICATES_MAX];
	struct problem problem;
	size_t count;
	int input[2];

	(void)state;
	int own = dup(STDIN_FILENO);
	assert_int_equal(pipe(input), 0);
	assert_int_equal(write(input[1], answer, strlen(answer)), strlen(answer));
	close(input[1]);
	assert_int_equal(dup2(input[0], STDIN_FILENO), STDIN_FILENO);
	close(input[0]);
	int error = store_authority_read(encrypted, found, &count, NULL, &problem);
	ssize_t length = read(STDIN_FILENO, left, sizeof(left) - 1);
	(void)dup2(own, STDIN_FILENO);
	close(own);
	assert_int_equal(error, FLAGSHIP_ERROR_ARGUMENT);
	assert_non_null(strstr(problem.text, "damaged"));
	assert_int_equal(length, strlen(answer));
}

static void its_certificates_are_read_and_nothing_else_is_kept(void **state)
{
	char pem[AUTHORITY_TEXT_MAX];
	char text[3 * AUTHORITY_TEXT_MAX];
	char clean[AUTHORITY_TEXT_MAX];
	struct store_authority found[AUTHORITY_CERTIFICATES_MAX];
	struct problem problem;
	size_t count;

	(void)state;
	make_pem("first", pem);
	snprintf(text, sizeof(text), "said before\n%ssaid between\n%ssaid behind\n", pem, pem);
	assert_int_equal(store_authority_read(text, found, &count, clean, &problem), 0);
	assert_int_equal(count, 2);
	assert_string_equal(found[0].subject, "CN=first");
	assert_string_equal(found[0].sha256, found[1].sha256);
	assert_int_equal(strlen(found[0].sha256), AUTHORITY_SHA256_SIZE - 1);
	assert_true(found[0].not_after_s > 0);
	assert_null(strstr(clean, "said"));
	assert_int_equal(strlen(clean), 2 * strlen(pem));
}

static void what_is_too_much_is_refused(void **state)
{
	char pem[AUTHORITY_TEXT_MAX];
	char text[2 * AUTHORITY_TEXT_MAX] = "";
	struct store_authority found[AUTHORITY_CERTIFICATES_MAX];
	struct problem problem;
	size_t count;

	(void)state;
	make_pem("first", pem);
	for (size_t i = 0; i <= AUTHORITY_CERTIFICATES_MAX; i++) {
		strcat(text, pem);
	}
	assert_int_equal(store_authority_read(text, found, &count, NULL, &problem),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_non_null(strstr(problem.text, "more than four"));
	memset(text, ' ', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(store_authority_read(text, found, &count, NULL, &problem),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_non_null(strstr(problem.text, "longer than 8 KiB"));
}

static void one_is_kept_once_and_known_again(void **state)
{
	char folder[] = "/tmp/flagship-authority-XXXXXX";
	char pem[AUTHORITY_TEXT_MAX];
	char path[PATH_MAX];
	char again[PATH_MAX];
	char parent[PATH_MAX];
	struct problem problem;
	struct stat status;
	bool made;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(setenv("XDG_STATE_HOME", folder, 1), 0);
	make_pem("kept", pem);
	assert_int_equal(store_authority_keep(pem, path, &made, &problem), 0);
	assert_true(made);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(store_authority_keep(pem, again, &made, &problem), 0);
	assert_false(made);
	assert_string_equal(path, again);
	assert_true(store_authority_is_kept(path));
	assert_false(store_authority_is_kept("/etc/ssl/ca.pem"));
	assert_false(store_authority_is_kept(""));
	snprintf(again, sizeof(again), "%.4000s.bak", path);
	assert_false(store_authority_is_kept(again));
	/* An account that comes from another home has that one's path. */
	snprintf(again, sizeof(again), "/nowhere/flagship%.4000s", strrchr(path, '/'));
	store_authority_find(again, sizeof(again));
	assert_string_equal(again, path);
	snprintf(again, sizeof(again), "/nowhere/flagship%.4000s", strrchr(path, '/'));
	store_authority_find(again, strlen(path));
	assert_string_not_equal(again, path);
	assert_int_equal(unlink(path), 0);
	store_authority_find(again, sizeof(again));
	assert_string_not_equal(again, path);
	snprintf(parent, sizeof(parent), "%s/flagship", folder);
	assert_int_equal(rmdir(parent), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void keep_of(const char *name, time_t age_s, char path[PATH_MAX])
{
	const struct timespec times[2] = {{.tv_sec = time(NULL) - age_s},
					  {.tv_sec = time(NULL) - age_s}};
	char pem[AUTHORITY_TEXT_MAX];
	struct problem problem;
	bool made;

	make_pem(name, pem);
	assert_int_equal(store_authority_keep(pem, path, &made, &problem), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static int add_account(void *context, struct store_accounts *accounts)
{
	struct store_account account = {.login = {.region = FLAGSHIP_REGION_EU}};

	snprintf(account.login.user_id, sizeof(account.login.user_id), "1");
	snprintf(account.ca_file, sizeof(account.ca_file), "%s", (const char *)context);
	return store_accounts_put(accounts, &account, false);
}

static void those_that_nothing_names_are_swept(void **state)
{
	struct folder folder;
	char named[PATH_MAX];
	char set[PATH_MAX];
	char left[PATH_MAX];
	char young[PATH_MAX];
	char accounts[PATH_MAX];
	char settings[PATH_MAX / 2];
	char text[2 * PATH_MAX];
	struct problem problem;

	(void)state;
	folder_create(&folder);
	assert_int_equal(setenv("XDG_STATE_HOME", folder.path, 1), 0);
	assert_true(store_accounts_path(accounts));
	snprintf(settings, sizeof(settings), "%.1024s/flagship.conf", folder.path);
	keep_of("named", 2 * VALID_S, named);
	keep_of("set", 2 * VALID_S, set);
	keep_of("left", 2 * VALID_S, left);
	keep_of("young", VALID_S / 2, young);
	/* Without accounts nobody knows whose they are; nor with those that cannot be read. */
	assert_int_equal(store_authority_sweep(accounts, settings), 0);
	folder_write(accounts, "{\"accounts\": [", S_IRUSR | S_IWUSR);
	assert_int_equal(store_authority_sweep(accounts, settings), 0);
	assert_int_equal(unlink(accounts), 0);
	assert_int_equal(store_accounts_update(accounts, add_account, named, &problem), 0);
	/* Nor with settings that cannot be read. */
	assert_int_equal(mkdir(settings, S_IRWXU), 0);
	assert_int_equal(store_authority_sweep(accounts, settings), 0);
	assert_int_equal(rmdir(settings), 0);
	snprintf(text, sizeof(text), "[broker]\nca = %s\n", set);
	folder_write(settings, text, S_IRUSR | S_IWUSR);
	assert_int_equal(store_authority_sweep(accounts, settings), 1);
	assert_int_equal(access(named, F_OK), 0);
	assert_int_equal(access(set, F_OK), 0);
	assert_int_equal(access(left, F_OK), -1);
	assert_int_equal(access(young, F_OK), 0);
	assert_int_equal(store_authority_sweep(accounts, settings), 0);
	folder_remove(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_certificate_is_refused),
		cmocka_unit_test(nobody_is_asked_for_the_password_of_one_that_is_encrypted),
		cmocka_unit_test(its_certificates_are_read_and_nothing_else_is_kept),
		cmocka_unit_test(what_is_too_much_is_refused),
		cmocka_unit_test(one_is_kept_once_and_known_again),
		cmocka_unit_test(those_that_nothing_names_are_swept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
