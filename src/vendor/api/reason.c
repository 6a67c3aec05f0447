/* SPDX-License-Identifier: MIT */
#include "vendor/api/reason.h"

#include "base/json/reader.h"

#include <stddef.h>

#define IMPORT                                                                              \
	"log in to the vendor's program on a computer once, and take that login over with " \
	"flagship import"

static const struct vendor_reason reasons[] = {
	{10000, "it does not understand the request (bad parameter)",
	 "check the e-mail address; if that is right, the service has changed: " IMPORT
	 ", and please report it"},
	{26005, "the login by a third party, such as Google or Apple, failed",
	 "give the account a password in the vendor's app, or " IMPORT},
	{26006, "the e-mail address or the password is wrong",
	 "check both, and the region (--region, --country); the vendor's app can set a new "
	 "password"},
	{26015, "the account is not activated",
	 "follow the link in the mail that the vendor sent when the account was made"},
	{26049, "too many logins with this kind of program",
	 "log out of the vendor's program on other computers and try later, or " IMPORT},
	{VENDOR_CODE_SECOND_FACTOR,
	 "the account is protected by a second factor, a code that the vendor sends, which "
	 "flagship cannot answer",
	 IMPORT ", or switch that off in the vendor's app"},
	{100023, "too many logins", "wait some hours before the next, or " IMPORT},
	{100024, "it does not take the headers of the request",
	 "the service has changed: " IMPORT ", and please report it"},
	{100027, "the account, or this network, is on the vendor's black list",
	 "only the vendor's support can change that"},
	{100028, "a limit of the vendor's is reached", "try again tomorrow, or " IMPORT},
	{100032, "it wants a captcha solved", "run flagship login on a terminal and answer it"},
	{100033, "the answer to the captcha was wrong", "try again: there will be another picture"},
};

const struct vendor_reason *vendor_reason_of(int64_t code)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].code == code) {
			return &reasons[i];
		}
	}
	return NULL;
}

bool vendor_answer_wants_second_factor(struct flagship_json data)
{
	struct json_value information;
	struct json_value step;
	int64_t number;

	return data.length > 0 && json_object_find(data, "fa_info", &information) &&
	       information.kind == JSON_OBJECT &&
	       json_object_find(information.json, "step", &step) &&
	       (step.kind == JSON_NUMBER || step.kind == JSON_STRING) &&
	       json_value_to_int(&step, &number) && number == VENDOR_CODE_SECOND_FACTOR;
}
