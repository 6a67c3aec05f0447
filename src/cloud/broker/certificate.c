/* SPDX-License-Identifier: MIT */
#include "cloud/broker/certificate.h"

#include "base/hex.h"

#include <flagship/error.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RSA_BITS        2048
#define SERIAL_BITS     127
#define NOT_BEFORE      "20200101000000Z"
#define NOT_AFTER       "20991231235959Z"
#define HOST_LENGTH_MAX 253
#define VERSION_3       2
#define KEY_BITS        (S_IRUSR | S_IWUSR)
#define PUBLIC_BITS     (S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH)

bool certificate_host_valid(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];
	const char *name = strncmp(host, "*.", 2) == 0 ? host + 2 : host;

	if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1) {
		return true;
	}
	return name[0] != '\0' && name[0] != '.' && name[0] != '-' &&
	       strlen(host) <= HOST_LENGTH_MAX &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"
				 "_")] == '\0';
}

/* Writes beside the file and renames, so that what is there is whole at any time. */
static FILE *open_new(const char *path, mode_t mode, char temporary[PATH_MAX])
{
	if (snprintf(temporary, PATH_MAX, "%s.new", path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	unlink(temporary);
	int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (file < 0) {
		return NULL;
	}
	FILE *stream = fdopen(file, "w");
	if (!stream) {
		int error = errno;

		close(file);
		unlink(temporary);
		errno = error;
	}
	return stream;
}

static int close_new(FILE *file, const char *path, const char *temporary, bool written)
{
	bool is_crypto = !written && !ferror(file);
	bool synced = written && fflush(file) == 0 && fsync(fileno(file)) == 0;
	int error = errno;

	if (fclose(file) == 0 && synced && rename(temporary, path) == 0) {
		return 0;
	}
	if (synced) {
		error = errno;
	}
	unlink(temporary);
	errno = error;
	return is_crypto ? FLAGSHIP_ERROR_CRYPTO : FLAGSHIP_ERROR_STORE;
}

int certificate_make_key(const char *key_file, enum certificate_kind kind)
{
	char temporary[PATH_MAX];
	EVP_PKEY *key = kind == CERTIFICATE_RSA ? EVP_RSA_gen(RSA_BITS) : EVP_EC_gen("P-256");
	FILE *file;
	int result = FLAGSHIP_ERROR_STORE;

	if (!key) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	file = open_new(key_file, KEY_BITS, temporary);
	if (file) {
		bool written = PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1;
		result = close_new(file, key_file, temporary, written);
	}
	EVP_PKEY_free(key);
	return result;
}

/* NULL where it holds none; *error becomes STORE where it cannot be read at all. */
static EVP_PKEY *read_key(const char *path, int *error)
{
	FILE *file = fopen(path, "r");

	if (!file) {
		*error = FLAGSHIP_ERROR_STORE;
		return NULL;
	}
	EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	fclose(file);
	return key;
}

static X509 *read_certificate(const char *path, int *error)
{
	FILE *file = fopen(path, "r");

	if (!file) {
		*error = FLAGSHIP_ERROR_STORE;
		return NULL;
	}
	X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
	fclose(file);
	return certificate;
}

static bool add_extension(X509 *certificate, X509 *issuer, int kind, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
	bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return added;
}

static bool set_random_serial(X509 *certificate)
{
	BIGNUM *number = BN_new();
	bool set = number && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
		   BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));

	BN_free(number);
	return set;
}

/* Everything but issuer, extensions and signature. */
static X509 *begin(EVP_PKEY *key, const char *common_name)
{
	X509 *certificate = X509_new();
	X509_NAME *name = certificate ? X509_get_subject_name(certificate) : NULL;

	if (name && X509_set_version(certificate, VERSION_3) && set_random_serial(certificate) &&
	    ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate), NOT_BEFORE) &&
	    ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), NOT_AFTER) &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
				       (const unsigned char *)common_name, -1, -1, 0) &&
	    X509_set_pubkey(certificate, key)) {
		return certificate;
	}
	X509_free(certificate);
	return NULL;
}

static int write_certificates(const char *path, X509 *first, X509 *second)
{
	char temporary[PATH_MAX];
	FILE *file = open_new(path, PUBLIC_BITS, temporary);

	if (!file) {
		return FLAGSHIP_ERROR_STORE;
	}
	bool written = PEM_write_X509(file, first) == 1 &&
		       (!second || PEM_write_X509(file, second) == 1);
	return close_new(file, path, temporary, written);
}

int certificate_make_authority(const char *key_file, const char *certificate_file, const char *name)
{
	int result = FLAGSHIP_ERROR_CRYPTO;
	EVP_PKEY *key = read_key(key_file, &result);
	X509 *certificate = key ? begin(key, name) : NULL;

	if (certificate && X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) &&
	    add_extension(certificate, certificate, NID_basic_constraints,
			  "critical,CA:TRUE,pathlen:0") &&
	    add_extension(certificate, certificate, NID_key_usage,
			  "critical,keyCertSign,cRLSign") &&
	    add_extension(certificate, certificate, NID_subject_key_identifier, "hash") &&
	    X509_sign(certificate, key, EVP_sha256())) {
		result = write_certificates(certificate_file, certificate, NULL);
	}
	X509_free(certificate);
	EVP_PKEY_free(key);
	return result;
}

static bool add_hosts(X509 *certificate, const char *const *hosts, size_t count)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	bool added = names != NULL;

	for (size_t i = 0; added && i < count; i++) {
		unsigned char address[sizeof(struct in6_addr)];
		bool is_address = inet_pton(AF_INET, hosts[i], address) == 1 ||
				  inet_pton(AF_INET6, hosts[i], address) == 1;
		GENERAL_NAME *name = a2i_GENERAL_NAME(
			NULL, NULL, NULL, is_address ? GEN_IPADD : GEN_DNS, hosts[i], 0);

		added = name && sk_GENERAL_NAME_push(names, name) > 0;
		if (!added) {
			GENERAL_NAME_free(name);
		}
	}
	added = added && X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0) == 1;
	GENERAL_NAMES_free(names);
	return added;
}

static bool sign_server(X509 *certificate, X509 *authority, EVP_PKEY *authority_key,
			const char *const *hosts, size_t host_count)
{
	return X509_set_issuer_name(certificate, X509_get_subject_name(authority)) &&
	       add_extension(certificate, authority, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_extension(certificate, authority, NID_key_usage,
			     "critical,digitalSignature,keyEncipherment") &&
	       add_extension(certificate, authority, NID_ext_key_usage, "serverAuth") &&
	       add_extension(certificate, authority, NID_subject_key_identifier, "hash") &&
	       add_extension(certificate, authority, NID_authority_key_identifier, "keyid") &&
	       add_hosts(certificate, hosts, host_count) &&
	       X509_sign(certificate, authority_key, EVP_sha256());
}

int certificate_issue(const char *authority_key_file, const char *authority_file,
		      const char *key_file, const char *certificate_file, const char *common_name,
		      const char *const *hosts, size_t host_count)
{
	int result = FLAGSHIP_ERROR_CRYPTO;
	EVP_PKEY *authority_key = read_key(authority_key_file, &result);
	X509 *authority = read_certificate(authority_file, &result);
	EVP_PKEY *key = read_key(key_file, &result);
	X509 *certificate = key ? begin(key, common_name) : NULL;

	if (authority_key && authority && certificate &&
	    X509_check_private_key(authority, authority_key) == 1 &&
	    sign_server(certificate, authority, authority_key, hosts, host_count)) {
		result = write_certificates(certificate_file, certificate, authority);
	}
	X509_free(certificate);
	EVP_PKEY_free(key);
	X509_free(authority);
	EVP_PKEY_free(authority_key);
	return result;
}

int certificate_fingerprint(const char *file, char out[CERTIFICATE_FINGERPRINT_SIZE])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	int error = 0;
	X509 *certificate = read_certificate(file, &error);

	out[0] = '\0';
	if (!certificate) {
		return error;
	}
	if (X509_digest(certificate, EVP_sha256(), digest, &size) != 1 ||
	    (size_t)size * 2 + 1 != CERTIFICATE_FINGERPRINT_SIZE) {
		error = FLAGSHIP_ERROR_CRYPTO;
	} else {
		hex_encode(digest, size, HEX_LOWER, out);
	}
	X509_free(certificate);
	return error;
}
