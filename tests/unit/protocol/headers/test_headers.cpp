/* SPDX-License-Identifier: MIT */
#include "test_headers.c"
