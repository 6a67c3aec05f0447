/* SPDX-License-Identifier: MIT */
#include "gateway/openapi/internal.h"

#include <string.h>

#define EVENT_STREAM "text/event-stream"

#define HISTORY_QUERY                                                                           \
	"printer:string since:string until:string limit:integer offset:integer before:integer " \
	"format:string"

/* In the order of the rooms that serve them. */
static const struct operation operations[] = {
	{HTTP_GET, "/openapi.json", "describe", "This description", NULL, "application/json", NULL,
	 "200"},
	{HTTP_GET, "/health", "getHealth", "Whether the gateway runs, and how many printers it has",
	 NULL, "Health", NULL, "200"},
	{HTTP_GET, "/version", "getVersion", "What answers here", NULL, "Version", NULL, "200"},
	{HTTP_GET, "/printers", "listPrinters", "All printers as they are now", NULL, "[Printer]",
	 NULL, "200"},
	{HTTP_GET, "/printers/{printer}", "getPrinter",
	 "One printer as it is now, by serial number or name", NULL, "Printer", NULL,
	 "200 404 409"},
	{HTTP_POST, "/printers/{printer}/commands", "submitCommand",
	 "Has the printer do something, and answers with what came of it", "CommandRequest",
	 "Command", NULL, "200 202 400 404 409 503 504"},
	{HTTP_GET, "/printers/{printer}/commands", "listCommands",
	 "Commands that go on, and the last that ended", NULL, "[Command]", NULL, "200 404 409"},
	{HTTP_GET, "/commands/{command}", "getCommand", "What came of a command", NULL, "Command",
	 NULL, "200 404"},
	{HTTP_DELETE, "/commands/{command}", "cancelCommand", "Cancels a command", NULL, "Command",
	 NULL, "200 404 409"},
	{HTTP_GET, "/printers/{printer}/temperatures", "getTemperatures",
	 "Nozzle and bed over time; as CSV, too", NULL, "TemperatureSeries",
	 "from:string to:string step:integer format:string", "200 400 404 409 503"},
	{HTTP_GET, "/jobs", "listJobs", "Prints of the past, the newest first; as CSV, too", NULL,
	 "[Job]", HISTORY_QUERY, "200 400 404 409 503"},
	{HTTP_GET, "/jobs/{job}", "getJob", "One print", NULL, "Job", NULL, "200 404 503"},
	{HTTP_GET, "/history", "listHistory", "Events and commands, the newest first; as CSV, too",
	 NULL, "[HistoryEntry]", HISTORY_QUERY " type:string", "200 400 404 409 503"},
	{HTTP_GET, "/printers/{printer}/files", "listPrinterFiles",
	 "What lies on the printer itself (board) or its USB stick: it is asked, which disturbs a "
	 "job",
	 NULL, "PrinterFiles", "storage:string", "200 400 404 409 503 504"},
	{HTTP_GET, "/files", "listFiles", "What was uploaded, and how much room there is", NULL,
	 "FileList", NULL, "200"},
	{HTTP_GET, "/files/{path...}", "getFile",
	 "The file itself, with ranges; of a folder what is known of it", NULL,
	 "application/octet-stream", NULL, "200 206 304 404 416"},
	{HTTP_PUT, "/files/{path...}", "putFile",
	 "Keeps the body; with If-None-Match: * only where there is nothing yet",
	 "application/octet-stream", "File", NULL, "201 400 404 409 413 415 500 507"},
	{HTTP_POST, "/files/{path...}", "changeFile", "Moves or copies it, or makes a folder",
	 "FileAction", "File", NULL, "200 201 400 404 409 500 507"},
	{HTTP_DELETE, "/files/{path...}", "deleteFile",
	 "Deletes it; a folder that is not empty where that is asked for", NULL, NULL,
	 "recursive:boolean", "204 400 404 409 500"},
	{HTTP_GET, "/metadata/{path...}", "getMetadata", "What is known of a file", NULL, "File",
	 NULL, "200 404"},
	{HTTP_GET, "/thumbnails/{index}/{path...}", "getThumbnail",
	 "A picture of the file, from 0 on", NULL, "image/png", NULL, "200 404"},
	{HTTP_GET, "/events", "followEvents",
	 "A snapshot, then what changes: a WebSocket where the client asks for one", NULL,
	 EVENT_STREAM, "printer:string after:string", "200 101 503"},
	{HTTP_POST, "/login", "login", "Begins a session, whose cookie goes with the answer",
	 "Login", "Session", NULL, "200 400 401 429 503"},
	{HTTP_POST, "/setup", "setup", "Makes the first user, with the token of the setup link",
	 "Setup", "Session", NULL, "201 400 409 503"},
	{HTTP_POST, "/logout", "logout", "Ends this session, or all of its user", "Logout", NULL,
	 NULL, "204 400"},
	{HTTP_GET, "/session", "getSession",
	 "Who asks, and the token that writes of a session have to send as X-CSRF-Token", NULL,
	 "Session", NULL, "200"},
	{HTTP_POST, "/session/password", "changePassword", "Changes one's own password",
	 "PasswordChange", "Session", NULL, "200 400 401 409 429 503"},
	{HTTP_GET, "/users", "listUsers", "All users", NULL, "[User]", NULL, "200"},
	{HTTP_POST, "/users", "addUser", "Adds a user", "NewUser", "UserGrant", NULL,
	 "201 400 409 503"},
	{HTTP_PATCH, "/users/{name}", "changeUser", "Changes role, printers or password of a user",
	 "UserChange", "UserGrant", NULL, "200 400 404 409 503"},
	{HTTP_DELETE, "/users/{name}", "removeUser", "Removes a user, and ends his sessions", NULL,
	 NULL, NULL, "204 404 409"},
	{HTTP_GET, "/keys", "listKeys", "All keys of programs, without their secrets", NULL,
	 "[Key]", NULL, "200"},
	{HTTP_POST, "/keys", "addKey", "Makes a key, which is shown this once", "NewKey", "MadeKey",
	 NULL, "201 400 409"},
	{HTTP_DELETE, "/keys/{key}", "removeKey", "Removes a key", NULL, NULL, NULL, "204 404"},
	{HTTP_GET, "/app-keys", "listAppKeys", "Programs that ask for a key of their own", NULL,
	 "[AppKeyRequest]", NULL, "200"},
	{HTTP_POST, "/app-keys/{request}", "decideAppKey",
	 "Grants a program its key, which it fetches itself, or does not", "AppKeyDecision",
	 "AppKeyRequest", NULL, "200 400 404 409"},
	{HTTP_GET, "/accounts", "listAccounts", "The accounts, without anything secret", NULL,
	 "[Account]", NULL, "200"},
	{HTTP_POST, "/accounts", "importAccount",
	 "Takes over the login of another program, from its file's text or by its token",
	 "AccountImport", "Account", NULL, "201 400 422 500 502 503 504"},
	{HTTP_POST, "/accounts/login", "loginToAccount",
	 "Logs in to the service, and keeps account and printers; 409 holds a captcha, or asks for "
	 "the code of a second factor",
	 "AccountLogin", "Account", NULL, "200 400 409 422 500 502 503 504"},
	{HTTP_POST, "/accounts/login/{login}", "answerLogin",
	 "Goes on with a login; 409 asks again", "LoginAnswer", "Account", NULL,
	 "200 400 404 409 422 500 502 503 504"},
	{HTTP_DELETE, "/accounts/{account}", "removeAccount",
	 "Forgets an account with its printers; where their keys would be lost for good only with "
	 "force",
	 NULL, NULL, "force:boolean", "204 404 409 500 503 504"},
	{HTTP_GET, "/doctor", "runDoctor",
	 "Looks at each link of the chain to a printer, or to the only one", NULL, "Doctor",
	 "printer:string", "200 404 409 500 503 504"},
	{HTTP_GET, "/printers/{printer}/doctor", "runPrinterDoctor",
	 "Looks at each link of the chain to this printer", NULL, "Doctor", NULL,
	 "200 404 409 500 503 504"},
	{HTTP_GET, "/settings", "getSettings", "Settings of who may come", NULL, "Settings", NULL,
	 "200"},
	{HTTP_PATCH, "/settings", "changeSettings", "Changes some of them", "SettingsChange",
	 "Settings", NULL, "200 400 409"},
};

const struct operation *operation_find(enum http_method method, const char *path)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (operations[i].method == method && strcmp(operations[i].path, path) == 0) {
			return &operations[i];
		}
	}
	return NULL;
}
