/* SPDX-License-Identifier: MIT */
#include "audit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "options.h"
#include "out.h"
#include "stop.h"

#define NS_PER_S  1000000000u
#define NS_PER_MS 1000000u

/* Open until the process ends: workers may tell decisions until then. */
static int audit_fd = -1;
static const char *audit_path;
/* Set once a line was lost. */
static atomic_bool has_failed;

static void cannot_write(int why) {
    cay_cli_text_t t = {0};
    cay__cli_puts(&t, "cay: --audit: cannot write to \"");
    cay__cli_puts_shown(&t, audit_path);
    cay__cli_putf(&t, "\": %s\n", strerror(why));
    cay__cli_out_error(&t);
}

int cay__cli_audit_open(const char *path) {
    audit_path = path;
    if (strcmp(path, "-") == 0) {
        audit_fd = STDERR_FILENO;
        return CAY_CLI_OK;
    }
    /* Paths and hosts that a script asked for are its user's business only. */
    audit_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    if (audit_fd >= 0) {
        return CAY_CLI_OK;
    }
    cannot_write(errno);
    return CAY_CLI_USAGE;
}

/* RFC 3339, in UTC, with milliseconds. */
static void put_time(cay_cli_text_t *t, uint64_t ns) {
    time_t s = (time_t)(ns / NS_PER_S);
    struct tm tm;
    char text[32];
    gmtime_r(&s, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    cay__cli_putf(t, "\"%s.%03uZ\"", text, (unsigned)(ns % NS_PER_S / NS_PER_MS));
}

static void put_record(cay_cli_text_t *t, const cay_audit_t *r) {
    cay__cli_puts(t, "{\"time\":");
    put_time(t, r->time_ns);
    cay__cli_putf(t, ",\"worker\":{\"id\":%" PRIu64 ",\"name\":", r->worker_id);
    cay__cli_put_json(t, r->worker_name);
    cay__cli_puts(t, "},\"kind\":");
    cay__cli_put_json(t, cay_kind_name(r->kind));
    cay__cli_puts(t, ",\"value\":");
    cay__cli_put_json(t, r->value);
    cay__cli_putf(t, ",\"outcome\":\"%s\",\"rule\":", r->granted ? "granted" : "denied");
    cay__cli_put_json(t, r->rule);
    cay__cli_puts(t, "}\n");
}

void cay__cli_audit_write(const cay_audit_t *record, void *user) {
    (void)user;
    cay_cli_text_t t = {0};
    put_record(&t, record);
    int rc = t.failed ? ENOMEM : cay__cli_out_write(audit_fd, t.ptr, t.len);
    cay__cli_text_free(&t);
    if (rc && !atomic_exchange(&has_failed, true)) {
        cannot_write(rc);
        cay__cli_stop_request(CAY_CLI_FAILED);
    }
}
