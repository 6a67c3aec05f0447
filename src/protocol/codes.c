/* SPDX-License-Identifier: MIT */
#include <flagship/codes.h>

#include <flagship/error.h>

#include "base/hex.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The text form of a duid: letters - digits - letters or digits. */
#define DUID_PREFIX_MAX   8
#define DUID_SERIAL_MIN   6
#define DUID_SERIAL_MAX   10
#define DUID_CHECK_MIN    4 /* check code v1 repeats the last four */
#define DUID_CHECK_MAX    6
#define DUID_LENGTH_MAX   (DUID_PREFIX_MAX + 1 + DUID_SERIAL_MAX + 1 + DUID_CHECK_MAX)
#define DUID_TAIL         4

#define MAC_DIGITS        12
#define MAC_COLONS_LENGTH 17
#define MAC_GROUP         3 /* two digits and a colon */
#define MAC_SUM_DIGITS    4
#define MAC_SUM_MAX       (MAC_SUM_DIGITS * 15)

#define BASE_SKIP_MODULUS 10
#define SEED_MINUEND      1000u
#define SEED_PREFIX_MAX   4 /* digits of SEED_MINUEND */
#define TIMESTAMP_PREFIX  "01"

#define MD5_SIZE          16
#define SHA256_SIZE       32

/* The security code's mixing: its thirty-two bytes and two more. */
#define MIX_SIZE       34
#define MIX_LAST       32
#define MIX_LIMIT      0x7d
#define MIX_COPY_FIRST 10
#define CODE_OFFSET    16
#define CODE_SIZE      16

#define DECIMAL_LIMIT  250 /* random bytes from here on would favour the low digits */

static_assert(DECIMAL_LIMIT % 10 == 0 && UINT8_MAX - DECIMAL_LIMIT < 10,
	      "as many bytes for each digit, and as few as can be that are none");
static_assert(FLAGSHIP_CHECK_CODE_SIZE == 2 * MD5_SIZE + 1, "MD5 in hex");
static_assert(FLAGSHIP_SECURITY_CODE_SIZE == 2 * CODE_SIZE + 1, "half of a SHA-256 in hex");
static_assert(MIX_SIZE - SHA256_SIZE + MIX_COPY_FIRST <= SHA256_SIZE,
	      "what is copied behind the hash comes from within it");
static_assert(MIX_LAST + 1 < MIX_SIZE && CODE_OFFSET + CODE_SIZE <= MIX_SIZE,
	      "mixing and what is taken of it stay within the bytes");

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_upper_or_digit(char c)
{
	return is_upper(c) || is_digit(c);
}

/* Moves *text behind the characters that fit, if they are as many as they should be. */
static bool skip(const char **text, bool (*fits)(char), size_t minimum, size_t maximum)
{
	size_t count = 0;

	while (fits((*text)[count])) {
		count++;
	}
	*text += count;
	return count >= minimum && count <= maximum;
}

static bool duid_valid(const char *duid)
{
	return duid && skip(&duid, is_upper, 1, DUID_PREFIX_MAX) && *duid++ == '-' &&
	       skip(&duid, is_digit, DUID_SERIAL_MIN, DUID_SERIAL_MAX) && *duid++ == '-' &&
	       skip(&duid, is_upper_or_digit, DUID_CHECK_MIN, DUID_CHECK_MAX) && *duid == '\0';
}

/* Takes 12 digits, or six pairs with a colon between each two. */
static bool mac_digits(const char *mac, char digits[MAC_DIGITS + 1])
{
	size_t length = mac ? strlen(mac) : 0;
	bool colons = length == MAC_COLONS_LENGTH;
	size_t count = 0;

	if (!colons && length != MAC_DIGITS) {
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		bool separator = colons && i % MAC_GROUP == MAC_GROUP - 1;
		if (separator ? mac[i] != ':' : hex_digit_value(mac[i]) < 0) {
			return false;
		}
		if (!separator) {
			digits[count++] = mac[i];
		}
	}
	digits[count] = '\0';
	return true;
}

static int digest(const char *text, const EVP_MD *algorithm, uint8_t *out)
{
	bool done = EVP_Digest(text, strlen(text), out, NULL, algorithm, NULL) == 1;

	return done ? 0 : FLAGSHIP_ERROR_CRYPTO;
}

int flagship_check_code(const char *duid, const char *mac, char out[FLAGSHIP_CHECK_CODE_SIZE])
{
	char digits[MAC_DIGITS + 1];
	char text[DUID_LENGTH_MAX + 1 + DUID_TAIL + 1 + MAC_DIGITS + 1];
	uint8_t md5[MD5_SIZE];

	if (!duid_valid(duid) || !mac_digits(mac, digits)) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	snprintf(text, sizeof(text), "%s+%s+%s", duid, duid + strlen(duid) - DUID_TAIL, digits);
	int error = digest(text, EVP_md5(), md5);
	if (error) {
		return error;
	}
	hex_encode(md5, sizeof(md5), HEX_LOWER, out);
	return 0;
}

int flagship_security_base_code(const char *duid, const char *mac,
				char out[FLAGSHIP_SECURITY_BASE_SIZE], unsigned int *mac_sum)
{
	char digits[MAC_DIGITS + 1];
	unsigned int sum = 0;

	if (!duid_valid(duid) || !mac_digits(mac, digits)) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	int last = hex_digit_value(duid[strlen(duid) - 1]);
	if (last < 0) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	for (size_t i = MAC_DIGITS - MAC_SUM_DIGITS; i < MAC_DIGITS; i++) {
		sum += (unsigned int)hex_digit_value(digits[i]);
	}
	snprintf(out, FLAGSHIP_SECURITY_BASE_SIZE, "%s%u", duid + last % BASE_SKIP_MODULUS, sum);
	*mac_sum = sum;
	return 0;
}

static bool all_digits(const char *text, size_t length)
{
	return skip(&text, is_digit, length, length) && *text == '\0';
}

int flagship_security_seed(unsigned int mac_sum, const char *digits,
			   char out[FLAGSHIP_SECURITY_SEED_SIZE])
{
	char text[SEED_PREFIX_MAX + FLAGSHIP_SECURITY_DIGITS + 1];
	uint8_t md5[MD5_SIZE];

	if (mac_sum > MAC_SUM_MAX || !digits || !all_digits(digits, FLAGSHIP_SECURITY_DIGITS)) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	snprintf(text, sizeof(text), "%u%s", SEED_MINUEND - mac_sum, digits);
	int error = digest(text, EVP_md5(), md5);
	if (error) {
		return error;
	}
	hex_encode(md5, sizeof(md5), HEX_UPPER, out);
	return 0;
}

/* protocol.md 4, Codes. All sums and differences are modulo 256. */
static void mix_pair(uint8_t *first, uint8_t second)
{
	if (*first < MIX_LIMIT || second < MIX_LIMIT) {
		*first = (uint8_t)(*first + second);
	}
}

static void mix(uint8_t s[MIX_SIZE])
{
	mix_pair(&s[MIX_LAST], s[MIX_LAST + 1]);
	for (size_t x = 0; x < MIX_LAST; x += 2) {
		mix_pair(&s[x], s[x + 1]);
		if (s[x + 2] > MIX_LIMIT && s[x + 2] > s[x + 1]) {
			s[x + 1] = (uint8_t)(s[x + 2] - s[x + 1]);
		}
		if (s[x + 1] > MIX_LIMIT && s[x + 1] > s[x + 2]) {
			s[x + 1] = (uint8_t)(s[x + 1] - s[x + 2]);
		}
	}
}

static bool is_printable(char c)
{
	return c > ' ' && c <= '~';
}

static bool is_upper_hex(char c)
{
	return is_digit(c) || (c >= 'A' && c <= 'F');
}

static bool base_valid(const char *base)
{
	return base && skip(&base, is_printable, 1, FLAGSHIP_SECURITY_BASE_SIZE - 1) &&
	       *base == '\0';
}

static bool seed_valid(const char *seed)
{
	size_t length = FLAGSHIP_SECURITY_SEED_SIZE - 1;

	return seed && skip(&seed, is_upper_hex, length, length) && *seed == '\0';
}

int flagship_security_code(const char *base_code, const char *seed,
			   char out[FLAGSHIP_SECURITY_CODE_SIZE])
{
	char text[sizeof(TIMESTAMP_PREFIX) + FLAGSHIP_SECURITY_BASE_SIZE +
		  FLAGSHIP_SECURITY_SEED_SIZE];
	uint8_t bytes[MIX_SIZE];

	if (!base_valid(base_code) || !seed_valid(seed)) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	snprintf(text, sizeof(text), "%s%s%s", TIMESTAMP_PREFIX, base_code, seed);
	int error = digest(text, EVP_sha256(), bytes);
	if (error) {
		return error;
	}
	memcpy(bytes + SHA256_SIZE, bytes + MIX_COPY_FIRST, MIX_SIZE - SHA256_SIZE);
	mix(bytes);
	hex_encode(bytes + CODE_OFFSET, CODE_SIZE, HEX_UPPER, out);
	return 0;
}

static int random_digits(char out[FLAGSHIP_SECURITY_DIGITS + 1])
{
	for (size_t i = 0; i < FLAGSHIP_SECURITY_DIGITS;) {
		uint8_t byte;
		if (RAND_bytes(&byte, 1) != 1) {
			return FLAGSHIP_ERROR_CRYPTO;
		}
		if (byte < DECIMAL_LIMIT) {
			out[i++] = (char)('0' + byte % 10);
		}
	}
	out[FLAGSHIP_SECURITY_DIGITS] = '\0';
	return 0;
}

int flagship_security_codes(const char *duid, const char *mac, const char *digits,
			    char code[FLAGSHIP_SECURITY_CODE_SIZE],
			    char timestamp[FLAGSHIP_SECURITY_TS_SIZE])
{
	char base[FLAGSHIP_SECURITY_BASE_SIZE];
	char seed[FLAGSHIP_SECURITY_SEED_SIZE];
	char own_digits[FLAGSHIP_SECURITY_DIGITS + 1];
	unsigned int mac_sum;
	int error = flagship_security_base_code(duid, mac, base, &mac_sum);

	if (!error && !digits) {
		error = random_digits(own_digits);
		digits = own_digits;
	}
	if (!error) {
		error = flagship_security_seed(mac_sum, digits, seed);
	}
	if (!error) {
		error = flagship_security_code(base, seed, code);
	}
	if (error) {
		return error;
	}
	snprintf(timestamp, FLAGSHIP_SECURITY_TS_SIZE, "%s%s", TIMESTAMP_PREFIX, digits);
	return 0;
}
