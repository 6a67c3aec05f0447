/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_TLS_REASON_H
#define TRANSPORT_TLS_REASON_H

#include <stddef.h>

/* What a handshake that failed means for people, and what would help; both static. */
struct tls_reason {
	const char *what;
	const char *advice;
};

/* code: of OpenSSL's queue of errors. otherwise: what is reported where the code says nothing. */
struct tls_reason tls_reason_of(unsigned long code, const char *otherwise);

/*
 * The code in a line such as "OpenSSL Error[0]: error:0A000126:SSL routines::unexpected eof while
 * reading", as libmosquitto logs it; 0 where there is none.
 */
unsigned long tls_reason_code(const char *log);

/* The code of an alert that the other side sent. */
unsigned long tls_reason_of_alert(int alert);

#endif
