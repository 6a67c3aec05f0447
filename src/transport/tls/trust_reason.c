/* SPDX-License-Identifier: MIT */
#include "transport/tls/trust_reason.h"

#include "base/x509/describe.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

static const char *name_of(const X509_NAME *name, char out[TRUST_REASON_NAME_MAX])
{
	x509_describe_name(name, out, TRUST_REASON_NAME_MAX);
	return out[0] != '\0' ? out : "(no name)";
}

/* The end of the chain as far as it could be built. */
static X509 *top_of(X509_STORE_CTX *store)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(store);
	int count = chain ? sk_X509_num(chain) : 0;

	return count > 0 ? sk_X509_value(chain, count - 1) : X509_STORE_CTX_get0_cert(store);
}

static bool is_anchor(X509_STORE_CTX *store, const X509 *certificate)
{
	STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(X509_STORE_CTX_get0_store(store));

	for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
		X509 *anchor = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));

		if (anchor && X509_cmp(anchor, certificate) == 0) {
			return true;
		}
	}
	return false;
}

/* There is an end of the chain that nobody vouches for. */
static void describe_missing_issuer(X509_STORE_CTX *store, bool own_ca, char what[TRUST_REASON_MAX],
				    char advice[TRUST_REASON_MAX])
{
	X509 *top = top_of(store);
	bool alone = X509_cmp(top, X509_STORE_CTX_get0_cert(store)) == 0;
	char subject_text[TRUST_REASON_NAME_MAX];
	char issuer_text[TRUST_REASON_NAME_MAX];
	const char *subject = name_of(X509_get_subject_name(top), subject_text);
	const char *issuer = name_of(X509_get_issuer_name(top), issuer_text);

	if (own_ca && is_anchor(store, top)) {
		snprintf(what, TRUST_REASON_MAX,
			 "the CA file holds %s '%s', but not its issuer '%s', which alone can be "
			 "trusted",
			 alone ? "the broker's own certificate" : "the intermediate CA", subject,
			 issuer);
		snprintf(advice, TRUST_REASON_MAX,
			 "add the certificate of '%s' to the file of --ca", issuer);
		return;
	}
	if (!alone) {
		snprintf(what, TRUST_REASON_MAX,
			 "its chain ends at the issuer '%s', which is unknown here", issuer);
		snprintf(advice, TRUST_REASON_MAX, "trust that issuer with --ca FILE");
		return;
	}
	snprintf(what, TRUST_REASON_MAX,
		 "its issuer '%s' is unknown here, and the broker sends no certificate of it",
		 issuer);
	snprintf(advice, TRUST_REASON_MAX,
		 "trust that issuer with --ca FILE; if it is an intermediate CA, have the broker "
		 "send its whole chain");
}

static void describe_weak_key(X509_STORE_CTX *store, char what[TRUST_REASON_MAX],
			      char advice[TRUST_REASON_MAX])
{
	X509 *certificate = X509_STORE_CTX_get_current_cert(store);
	EVP_PKEY *key = certificate ? X509_get0_pubkey(certificate) : NULL;
	char subject[TRUST_REASON_NAME_MAX];

	snprintf(what, TRUST_REASON_MAX, "the key of '%s' is too short to be safe (%s, %d bits)",
		 name_of(certificate ? X509_get_subject_name(certificate) : NULL, subject),
		 key ? OBJ_nid2sn(EVP_PKEY_get_base_id(key)) : "unknown",
		 key ? EVP_PKEY_get_bits(key) : 0);
	snprintf(advice, TRUST_REASON_MAX,
		 "have it issued anew with RSA of 2048 bits or more, or with P-256");
}

static void describe_weak_digest(X509_STORE_CTX *store, char what[TRUST_REASON_MAX],
				 char advice[TRUST_REASON_MAX])
{
	X509 *certificate = X509_STORE_CTX_get_current_cert(store);
	int algorithm = certificate ? X509_get_signature_nid(certificate) : NID_undef;
	char subject[TRUST_REASON_NAME_MAX];

	snprintf(what, TRUST_REASON_MAX,
		 "the certificate '%s' is signed with %s, which can be forged",
		 name_of(certificate ? X509_get_subject_name(certificate) : NULL, subject),
		 OBJ_nid2ln(algorithm));
	snprintf(advice, TRUST_REASON_MAX, "have it signed anew with SHA-256");
}

static const char *plain_advice(int error)
{
	switch (error) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return "connect by a name that stands in it";
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "have it renewed, and check the clock of this machine";
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return "if it is your broker's, give this certificate as --ca FILE";
	case X509_V_ERR_INVALID_CA:
	case X509_V_ERR_INVALID_PURPOSE:
	case X509_V_ERR_PATH_LENGTH_EXCEEDED:
		return "have it issued by a CA, and for a TLS server";
	default:
		return "trust its issuer with --ca FILE";
	}
}

void trust_reason_describe(X509_STORE_CTX *store, bool own_ca, char what[TRUST_REASON_MAX],
			   char advice[TRUST_REASON_MAX])
{
	int error = X509_STORE_CTX_get_error(store);

	switch (error) {
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		describe_missing_issuer(store, own_ca, what, advice);
		return;
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
		describe_weak_key(store, what, advice);
		return;
	case X509_V_ERR_CA_MD_TOO_WEAK:
		describe_weak_digest(store, what, advice);
		return;
	default:
		snprintf(what, TRUST_REASON_MAX, "%s", X509_verify_cert_error_string(error));
		snprintf(advice, TRUST_REASON_MAX, "%s", plain_advice(error));
	}
}

void trust_reason_of_file(const char *file, char *out, size_t size)
{
	FILE *stream = fopen(file, "re");
	/* A folder opens, but cannot be read. */
	bool readable = stream && (fgetc(stream) != EOF || !ferror(stream));

	if (readable) {
		snprintf(out, size,
			 "the CA file %s holds no certificate in PEM form, which begins with "
			 "-----BEGIN CERTIFICATE-----",
			 file);
	} else {
		snprintf(out, size, "the CA file %s cannot be read: %s", file, strerror(errno));
	}
	if (stream) {
		fclose(stream);
	}
}
