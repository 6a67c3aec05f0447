/* SPDX-License-Identifier: MIT */
#include "store/accounts/authority.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/x509/describe.h"
#include "store/accounts/accounts.h"
#include "store/file/file.h"
#include "store/file/folder.h"
#include "store/file/paths.h"
#include "store/file/replace_file.h"

#include <flagship/error.h>

#include <dirent.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_START   "ca-"
#define NAME_END     ".pem"
#define NAME_DIGITS  32 /* of the digest */
#define PRIVATE_KEY  "PRIVATE KEY-----"
#define SHA256_BYTES 32
#define YOUNG_S      3600
#define NO_PASSWORD  "" /* OpenSSL asks a terminal, or standard input, where it is told none */

/* --- reading --- */

static bool describe_certificate(const X509 *certificate, struct store_authority *out)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	if (X509_digest(certificate, EVP_sha256(), digest, &size) != 1 || size != SHA256_BYTES) {
		return false;
	}
	hex_encode(digest, size, HEX_LOWER, out->sha256);
	x509_describe_name(X509_get_subject_name(certificate), out->subject, sizeof(out->subject));
	out->not_after_s = x509_unix_seconds(X509_get0_notAfter(certificate));
	return true;
}

static int refuse(struct problem *problem, const char *why)
{
	ERR_clear_error();
	problem_set(problem, "the CA certificate cannot be used: %s", why);
	return FLAGSHIP_ERROR_ARGUMENT;
}

/* NULL, or what is wrong. */
static const char *read_certificates(BIO *in, BIO *out,
				     struct store_authority found[AUTHORITY_CERTIFICATES_MAX],
				     size_t *count)
{
	X509 *certificate;

	while ((certificate = PEM_read_bio_X509(in, NULL, NULL, NO_PASSWORD))) {
		bool has_room = *count < AUTHORITY_CERTIFICATES_MAX;
		bool is_taken = has_room && describe_certificate(certificate, &found[*count]) &&
				PEM_write_bio_X509(out, certificate) == 1;

		X509_free(certificate);
		if (!is_taken) {
			return has_room ? "out of memory" : "there are more than four";
		}
		(*count)++;
	}
	/* All that is behind the last one ends so. */
	if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
		return "it is damaged: copy the file ca.pem of that cloud as a whole";
	}
	return *count > 0
		       ? NULL
		       : "there is none in it: it begins with -----BEGIN CERTIFICATE-----, as the "
			 "file ca.pem of a cloud does";
}

int store_authority_read(const char *pem, struct store_authority found[AUTHORITY_CERTIFICATES_MAX],
			 size_t *count, char clean[AUTHORITY_TEXT_MAX], struct problem *problem)
{
	size_t length = strnlen(pem, AUTHORITY_TEXT_MAX);

	*count = 0;
	if (length >= AUTHORITY_TEXT_MAX) {
		return refuse(problem, "it is longer than 8 KiB");
	}
	if (strstr(pem, PRIVATE_KEY)) {
		return refuse(problem, "it holds a private key, which is nobody's but its cloud's: "
				       "give ca.pem, and not ca.key");
	}
	BIO *in = BIO_new_mem_buf(pem, (int)length);
	BIO *out = BIO_new(BIO_s_mem());
	ERR_clear_error();
	const char *fault = in && out ? read_certificates(in, out, found, count) : "out of memory";
	char *text = NULL;
	long written = out ? BIO_get_mem_data(out, &text) : 0;
	if (!fault && clean && written >= AUTHORITY_TEXT_MAX) {
		fault = "it is longer than 8 KiB";
	} else if (!fault && clean) {
		memcpy(clean, text, (size_t)written);
		clean[written] = '\0';
	}
	BIO_free(in);
	BIO_free(out);
	ERR_clear_error();
	return fault ? refuse(problem, fault) : 0;
}

/* --- keeping --- */

static bool name_file(const char *clean, char out[PATH_MAX])
{
	char folder[PATH_MAX];
	uint8_t digest[EVP_MAX_MD_SIZE];
	char digits[2 * EVP_MAX_MD_SIZE + 1];
	unsigned int size = 0;

	if (!store_state_folder(folder) ||
	    EVP_Digest(clean, strlen(clean), digest, &size, EVP_sha256(), NULL) != 1) {
		return false;
	}
	hex_encode(digest, size, HEX_LOWER, digits);
	int length = snprintf(out, PATH_MAX, "%s/" NAME_START "%.*s" NAME_END, folder, NAME_DIGITS,
			      digits);
	return length > 0 && length < PATH_MAX;
}

int store_authority_keep(const char *pem, char path[PATH_MAX], bool *made, struct problem *problem)
{
	struct store_authority found[AUTHORITY_CERTIFICATES_MAX];
	char clean[AUTHORITY_TEXT_MAX];
	struct stat status;
	size_t count;
	int error = store_authority_read(pem, found, &count, clean, problem);

	*made = false;
	if (error) {
		return error;
	}
	if (!name_file(clean, path)) {
		problem_set(problem, "there is no home folder to keep the CA certificate in");
		return FLAGSHIP_ERROR_STORE;
	}
	bool is_new = stat(path, &status) != 0;
	error = store_folder_make_of(path, problem);
	if (!error) {
		error = store_folder_check_of(path, problem);
	}
	if (error) {
		return error;
	}
	int failed = replace_file(path, clean, strlen(clean), S_IRUSR | S_IWUSR);
	*made = is_new && !failed;
	return failed ? problem_cannot(problem, "write", path, failed, "") : 0;
}

bool store_authority_is_name(const char *name)
{
	if (strncmp(name, NAME_START, strlen(NAME_START)) != 0) {
		return false;
	}
	name += strlen(NAME_START);
	return strspn(name, HEX_LOWER) == NAME_DIGITS && strcmp(name + NAME_DIGITS, NAME_END) == 0;
}

bool store_authority_is_kept(const char *path)
{
	char folder[PATH_MAX];
	size_t length = store_state_folder(folder) ? strlen(folder) : 0;

	return length > 0 && strncmp(path, folder, length) == 0 && path[length] == '/' &&
	       store_authority_is_name(path + length + 1);
}

/* By its name, however the path to it is written. */
static bool settings_name(const struct store_file *settings, const char *name)
{
	return settings->text && strstr(settings->text, name);
}

bool store_authority_is_set(const char *path, const char *settings_path)
{
	const char *slash = strrchr(path, '/');
	struct store_file settings = {0};
	struct problem problem;
	bool may_be = store_file_read(settings_path, &settings, &problem) != 0 ||
		      settings_name(&settings, slash ? slash + 1 : path);

	store_file_release(&settings);
	return may_be;
}

void store_authority_find(char *path, size_t capacity)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	char own[PATH_MAX];

	if (!slash || !store_authority_is_name(slash + 1) || access(path, F_OK) == 0 ||
	    !store_state_folder(folder)) {
		return;
	}
	int length = snprintf(own, sizeof(own), "%s%s", folder, slash);
	if (length > 0 && (size_t)length < sizeof(own) && (size_t)length < capacity &&
	    access(own, F_OK) == 0) {
		memcpy(path, own, (size_t)length + 1);
	}
}

/* --- what nobody goes by --- */

static bool is_gone_by(const struct store_accounts *accounts, const char *name)
{
	for (size_t i = 0; i < accounts->count; i++) {
		const char *slash = strrchr(accounts->accounts[i].ca_file, '/');

		if (slash && strcmp(slash + 1, name) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_old(const char *path, int64_t now_s)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
	       now_s - (int64_t)status.st_mtime > YOUNG_S;
}

static size_t sweep_folder(const char *folder, const struct store_accounts *accounts,
			   const struct store_file *settings)
{
	DIR *items = opendir(folder);
	const struct dirent *item;
	int64_t now_s = clock_unix_s();
	size_t count = 0;

	while (items && (item = readdir(items))) {
		char path[PATH_MAX];
		int length = snprintf(path, sizeof(path), "%s/%s", folder, item->d_name);

		if (length > 0 && length < (int)sizeof(path) &&
		    store_authority_is_name(item->d_name) && !is_gone_by(accounts, item->d_name) &&
		    !settings_name(settings, item->d_name) && is_old(path, now_s) &&
		    unlink(path) == 0) {
			count++;
		}
	}
	if (items) {
		closedir(items);
	}
	return count;
}

size_t store_authority_sweep(const char *accounts_path, const char *settings_path)
{
	struct store_accounts accounts = {0};
	struct store_file settings = {0};
	struct problem problem;
	char folder[PATH_MAX];
	size_t count = 0;

	if (access(accounts_path, F_OK) != 0 || !store_state_folder(folder)) {
		return 0;
	}
	if (!store_accounts_load(accounts_path, &accounts, &problem) &&
	    !store_file_read(settings_path, &settings, &problem)) {
		count = sweep_folder(folder, &accounts, &settings);
	}
	store_file_release(&settings);
	store_accounts_finish(&accounts);
	return count;
}
