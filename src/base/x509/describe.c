/* SPDX-License-Identifier: MIT */
#include "base/x509/describe.h"

#include <openssl/bio.h>
#include <stdbool.h>

#define EPOCH         "19700101000000Z"
#define SECONDS_A_DAY 86400

void x509_describe_name(const X509_NAME *name, char *out, size_t capacity)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int length = 0;

	if (bio && name && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0) {
		length = BIO_read(bio, out, (int)capacity - 1);
	}
	out[length > 0 ? length : 0] = '\0';
	BIO_free(bio);
}

int64_t x509_unix_seconds(const ASN1_TIME *time)
{
	/* As text: the time_t of this build may be wider than that of OpenSSL's. */
	ASN1_TIME *epoch = ASN1_TIME_new();
	int days = 0;
	int seconds = 0;
	bool known = epoch && ASN1_TIME_set_string(epoch, EPOCH) == 1 &&
		     ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;

	ASN1_TIME_free(epoch);
	return known ? (int64_t)days * SECONDS_A_DAY + seconds : 0;
}
