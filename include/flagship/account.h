/* SPDX-License-Identifier: MIT */
#ifndef FLAGSHIP_ACCOUNT_H
#define FLAGSHIP_ACCOUNT_H

#include <flagship/error.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* protocol.md 1 and 4. */
enum flagship_region {
	FLAGSHIP_REGION_US,
	FLAGSHIP_REGION_EU,
};

/* From the account's country (`ab_code`), either case: US CA MX BR AR CU BS AU NZ, else EU. */
enum flagship_region flagship_region_from_country(const char *country);
const char *flagship_region_name(enum flagship_region region);      /* "us", "eu" */
const char *flagship_region_mqtt_host(enum flagship_region region); /* make-mqtt….ankermake.com */
const char *flagship_region_api_host(enum flagship_region region);  /* make-app….ankermake.com */

#define FLAGSHIP_MQTT_PORT 8789

/* MQTT user names (protocol.md 1): of an account, followed by its user id, and of a printer,
 * followed by its serial number. No account has a user id that begins as a printer's name goes on.
 */
#define FLAGSHIP_USERNAME_PREFIX         "eufy_"
#define FLAGSHIP_PRINTER_USER_ID_PREFIX  "fdm_"
#define FLAGSHIP_PRINTER_USERNAME_PREFIX FLAGSHIP_USERNAME_PREFIX FLAGSHIP_PRINTER_USER_ID_PREFIX

/* SHA-256 of the certificate of the vendor's brokers, 64 lower-case hex digits (protocol.md 1). */
#define FLAGSHIP_VENDOR_CERTIFICATE_SHA256 \
	"7fff454f2469770378"               \
	"1c433c7986395fc100e11c2543232d15a2e56b383dbd43"

#define FLAGSHIP_ACCOUNT_FIELD_MAX 256

/* A login, as the vendor's programs keep it. All texts UTF-8, "" where absent. */
struct flagship_account {
	char user_id[FLAGSHIP_ACCOUNT_FIELD_MAX];
	char email[FLAGSHIP_ACCOUNT_FIELD_MAX]; /* URL-decoded: also the MQTT password */
	char auth_token[FLAGSHIP_ACCOUNT_FIELD_MAX];
	char country[FLAGSHIP_ACCOUNT_FIELD_MAX]; /* ab_code or country_code */
	char domain[FLAGSHIP_ACCOUNT_FIELD_MAX];
	int64_t token_expires_at; /* Unix seconds, 0 if unknown */
	enum flagship_region region;
	char nick_name[FLAGSHIP_ACCOUNT_FIELD_MAX]; /* commands carry it (protocol.md 3.2) */
};

/* Overwrites the secrets. */
void flagship_account_wipe(struct flagship_account *account);

/* Bytes of a login file at most. */
#define FLAGSHIP_LOGIN_CACHE_MAX ((size_t)1024 * 1024)

/*
 * Decodes a slicer's login.json (base64 of AES-128-ECB, zero-padded; white space may stand between
 * the digits, and the padding at the end may be missing) or a bare JSON one into JSON text,
 * NUL-terminated and wiped by the caller. The file may be UTF-8, with a byte order mark or without,
 * or UTF-16 of either order. out of `length` + 1 bytes always suffices for UTF-8, of `length` * 3 /
 * 2 + 3 for UTF-16. out must not overlap file. After an error out holds nothing
 * of the login. Errors: LOGIN_CACHE (too large, or no JSON object comes out), BUFFER, TOO_DEEP,
 * MEMORY, CRYPTO.
 */
FLAGSHIP_CHECKED int flagship_login_cache_decode(const void *file, size_t length, char *out,
						 size_t capacity, size_t *json_length);

/*
 * The inverse: base64 as the slicer stores it, NUL-terminated; json is not judged. Errors: BUFFER,
 * TOO_LARGE (for FLAGSHIP_LOGIN_CACHE_MAX), MEMORY, CRYPTO.
 */
FLAGSHIP_CHECKED int flagship_login_cache_encode(const char *json, size_t length, char *out,
						 size_t capacity, size_t *written);

/*
 * Reads the account from a login file of any known shape: the slicer's (encrypted or bare), the
 * Studio's login_info.json ({"data": {…}} with the e-mail URL-encoded), or the fields bare at the
 * top. user_id may be a text or a number. After an error *account is as it was.
 * Errors: LOGIN_CACHE (no JSON, no user_id, or a field that is no text or too long), TOO_DEEP,
 * MEMORY, CRYPTO.
 */
FLAGSHIP_CHECKED int flagship_account_parse(const void *file, size_t length,
					    struct flagship_account *account);

#define FLAGSHIP_LOGIN_PRIVATE_SIZE    32
#define FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE (130 + 1)
#define FLAGSHIP_LOGIN_PASSWORD_MAX    1024       /* bytes */
#define FLAGSHIP_LOGIN_ENCRYPTED_SIZE  (1388 + 1) /* base64 of the longest password */

/*
 * The password exchange of /v2/passport/login: encrypts for the service's public key (hex,
 * uncompressed; NULL = the vendor's) with an own private scalar, or with a fresh one where
 * private_key is NULL. encrypted: base64, NUL-terminated; public_hex: own point, uncompressed.
 * An empty password is encrypted like any other. Errors: ARGUMENT (a password that is NULL or
 * longer than FLAGSHIP_LOGIN_PASSWORD_MAX, a scalar outside of the curve's order, a public key that
 * is no point of the curve), BUFFER, CRYPTO. After an error the outputs are as they were.
 */
FLAGSHIP_CHECKED int flagship_login_password(const char *password, const uint8_t *private_key,
					     const char *service_public_hex, char *encrypted,
					     size_t capacity,
					     char public_hex[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
