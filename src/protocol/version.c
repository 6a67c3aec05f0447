/* SPDX-License-Identifier: MIT */
#include <flagship/flagship.h>

const char *flagship_version(void)
{
	return FLAGSHIP_VERSION;
}
