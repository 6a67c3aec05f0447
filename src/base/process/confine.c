/* SPDX-License-Identifier: MIT */
#include "base/process/confine.h"

#include <sys/resource.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

bool confine_is_sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__)
	return true;
#elif defined(__has_feature)
	return __has_feature(address_sanitizer);
#else
	return false;
#endif
}

void confine_process(size_t memory_max)
{
	const struct rlimit none = {0, 0};
	const struct rlimit memory = {memory_max, memory_max};

#ifdef __linux__
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#endif
	(void)setrlimit(RLIMIT_CORE, &none);
	if (!confine_is_sanitized()) {
		(void)setrlimit(RLIMIT_AS, &memory);
	}
}
