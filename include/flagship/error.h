/* SPDX-License-Identifier: MIT */
#ifndef FLAGSHIP_ERROR_H
#define FLAGSHIP_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/* Before a function that can fail: what it returns is looked at. */
#if defined(__GNUC__)
#define FLAGSHIP_CHECKED __attribute__((warn_unused_result))
#else
#define FLAGSHIP_CHECKED
#endif

/* What a function of libflagship returns: 0, or one of these, which are all negative. */
enum flagship_error {
	FLAGSHIP_OK = 0,

	/* A frame that was refused (protocol.md 2). */
	FLAGSHIP_ERROR_TOO_SHORT = -1,
	FLAGSHIP_ERROR_SIGNATURE = -2,
	FLAGSHIP_ERROR_DEVICE_TYPE = -3,
	FLAGSHIP_ERROR_SIZE = -4,
	FLAGSHIP_ERROR_CHECKSUM = -5,
	FLAGSHIP_ERROR_CIPHERTEXT_LENGTH = -6,

	/* The wrong key, or a damaged payload. */
	FLAGSHIP_ERROR_PADDING = -7,
	FLAGSHIP_ERROR_AUTHENTICATION = -8,
	FLAGSHIP_ERROR_JSON = -9,

	/* JSON that is no payload. */
	FLAGSHIP_ERROR_NOT_OBJECT = -10,
	FLAGSHIP_ERROR_TOO_MANY_OBJECTS = -11,
	FLAGSHIP_ERROR_TOO_DEEP = -12,

	/* Messages that span several frames. */
	FLAGSHIP_ERROR_PACKET_TYPE = -13,
	FLAGSHIP_ERROR_PACKET_ORDER = -14,
	FLAGSHIP_ERROR_TOO_LARGE = -15,

	/* What the caller gave does not fit. */
	FLAGSHIP_ERROR_BUFFER = -16,
	FLAGSHIP_ERROR_RANGE = -17,
	FLAGSHIP_ERROR_MISSING_FIELD = -18,
	FLAGSHIP_ERROR_DIRECTION = -19,
	FLAGSHIP_ERROR_KEY = -20,
	FLAGSHIP_ERROR_SERIAL = -21,
	FLAGSHIP_ERROR_TOPIC = -22,
	FLAGSHIP_ERROR_ARGUMENT = -23,

	/* Files and codes of the vendor's other programs. */
	FLAGSHIP_ERROR_LOGIN_CACHE = -24,
	FLAGSHIP_ERROR_INIT_STRING = -25,

	/* The machine. */
	FLAGSHIP_ERROR_MEMORY = -26,
	FLAGSHIP_ERROR_CRYPTO = -27,
	FLAGSHIP_ERROR_STORE = -28, /* a file of ours is damaged, or cannot be read or written */

	/* The local network (protocol.md 5). */
	FLAGSHIP_ERROR_MAGIC = -29, /* other bytes than those that begin a packet or a frame */
	FLAGSHIP_ERROR_DUID = -30,
};

/* One line in English, without a full stop, for any value; never NULL. */
const char *flagship_strerror(int error);

#ifdef __cplusplus
}
#endif

#endif
