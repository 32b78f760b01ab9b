/* SPDX-License-Identifier: MIT */
/* file: URLs and absolute POSIX paths. */
#include "url/internal.h"

#include <string.h>

#include "base/mem.h"

static int refuse(const cay_url_t *u, cay_error_t **err, const char *why) {
    return cay__url_error(err, CAY_EFORMAT, "not the URL of a local file:", u->href, u->href_len,
                          why);
}

/* An escape whose byte no file name can hold; one that is not there is NULL. */
static const char *bad_escape(const char *text, size_t len) {
    for (size_t i = 0; i + 2 < len; i++) {
        if (text[i] != '%') {
            continue;
        }
        if (text[i + 1] == '0' && text[i + 2] == '0') {
            return "it holds an encoded NUL";
        }
        if (text[i + 1] == '2' && (text[i + 2] | 0x20) == 'f') {
            return "it holds an encoded slash";
        }
    }
    return NULL;
}

int cay__url_to_path(const cay_url_t *u, CAY_OWN char **path, cay_error_t **err) {
    *path = NULL;
    if (!cay__url_scheme_is(u, "file")) {
        return refuse(u, err, "the scheme is not file:");
    }
    if (u->host_kind != CAY_URL_HOST_EMPTY) {
        return refuse(u, err, "it names a host");
    }
    cay_url_part_t text = cay__url_pathname(u);
    const char *bad = bad_escape(text.ptr, text.len);
    if (bad) {
        return refuse(u, err, bad);
    }
    cay_buf_t out = CAY_BUF_INIT;
    cay__pct_decode(&out, text.ptr, text.len);
    *path = cay__buf_take_str(&out);
    return *path ? 0
                 : cay__url_error(err, CAY_ENOMEM, "path of", u->href, u->href_len,
                                  cay_error_text(CAY_ENOMEM));
}

/* A segment "C:" or "C|" would be read as a drive letter: its second character is encoded. */
static bool looks_like_drive(const char *segment, size_t len) {
    return len == 2 && url_is_alpha((uint8_t)segment[0]) &&
           (segment[1] == ':' || segment[1] == '|');
}

static void encode_segment(cay_buf_t *out, const char *s, size_t len) {
    if (looks_like_drive(s, len)) {
        cay__buf_u8(out, (uint8_t)s[0]);
        cay__buf_str(out, s[1] == ':' ? "%3A" : "%7C");
        return;
    }
    size_t run = 0;
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '%' || s[i] == '\\') {
            cay__pct_encode(out, s + run, i - run, CAY_PCT_PATH);
            cay__buf_str(out, s[i] == '%' ? "%25" : "%5C");
            run = i + 1;
        }
    }
    cay__pct_encode(out, s + run, len - run, CAY_PCT_PATH);
}

static void encode_path(cay_buf_t *out, const char *path) {
    cay__buf_str(out, "file://");
    while (*path == '/') {
        size_t len = strcspn(path + 1, "/");
        cay__buf_u8(out, '/');
        encode_segment(out, path + 1, len);
        path += 1 + len;
    }
}

int cay__url_from_path(const char *path, CAY_OWN cay_url_t **out, cay_error_t **err) {
    size_t len = strlen(path);
    *out = NULL;
    if (path[0] != '/') {
        return cay__url_error(err, CAY_EFORMAT, "path", path, len, "not absolute");
    }
    if (len > CAY_URL_MAX) {
        return cay__url_error(err, CAY_ELIMIT, "path", path, len, "too long");
    }
    cay_buf_t text = CAY_BUF_INIT;
    encode_path(&text, path);
    int rc = text.failed
                 ? cay__url_error(err, CAY_ENOMEM, "path", path, len, cay_error_text(CAY_ENOMEM))
                 : cay__url_parse(url_text(&text), text.len, NULL, out, err);
    cay__buf_free(&text);
    return rc;
}
