/* SPDX-License-Identifier: MIT */
#include "gateway/openapi/internal.h"

#include <string.h>

#define EVENT_STREAM "text/event-stream"

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
	 "Command", NULL, "200 202 400 404 409 413 415 500 503 504"},
	{HTTP_GET, "/printers/{printer}/commands", "listCommands",
	 "Commands that go on, and the last that ended", NULL, "[Command]", NULL, "200 404 409"},
	{HTTP_GET, "/commands/{command}", "getCommand", "What came of a command", NULL, "Command",
	 NULL, "200 404"},
	{HTTP_DELETE, "/commands/{command}", "cancelCommand", "Cancels a command", NULL, "Command",
	 NULL, "200 404 409"},
	{HTTP_GET, "/files", "listFiles", "What was uploaded, and how much room there is", NULL,
	 "FileList", NULL, "200"},
	{HTTP_GET, "/files/{path...}", "getFile",
	 "The file itself, with ranges; of a folder what is known of it", NULL,
	 "application/octet-stream", NULL, "200 206 304 404 416"},
	{HTTP_PUT, "/files/{path...}", "putFile",
	 "Keeps the body; with If-None-Match: * only where there is nothing yet",
	 "application/octet-stream", "File", NULL, "201 400 404 409 413 415 500 507"},
	{HTTP_POST, "/files/{path...}", "changeFile", "Moves or copies it, or makes a folder",
	 "FileAction", "File", NULL, "200 201 400 404 409 413 415 500 507"},
	{HTTP_DELETE, "/files/{path...}", "deleteFile",
	 "Deletes it; a folder that is not empty where that is asked for", NULL, NULL,
	 "recursive:boolean", "204 400 404 409 500"},
	{HTTP_GET, "/metadata/{path...}", "getMetadata", "What is known of a file", NULL, "File",
	 NULL, "200 404"},
	{HTTP_GET, "/thumbnails/{index}/{path...}", "getThumbnail",
	 "A picture of the file, from 0 on", NULL, "image/png", NULL, "200 404 500"},
	{HTTP_GET, "/events", "followEvents",
	 "A snapshot, then what changes: a WebSocket where the client asks for one", NULL,
	 EVENT_STREAM, "printer:string after:string", "200 101 404 503"},
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
