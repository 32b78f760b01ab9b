/* SPDX-License-Identifier: MIT */
/* Rules of header fields: what may be in a name and a value, and whose business a field is. */
#include <string.h>
#include <strings.h>

#include "io/http_head.h"

bool cay__http_is_token(const char *s, size_t len) {
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        bool alnum = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (!alnum && (c == 0 || !strchr("!#$%&'*+-.^_`|~", c))) {
            return false;
        }
    }
    return len > 0;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool cay__http_is_value(const char *s, size_t len) {
    if (len && (is_blank(s[0]) || is_blank(s[len - 1]))) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == 0 || c == '\r' || c == '\n') {
            return false;
        }
        if (c >= 0x80) { /* U+0080 to U+00FF and no other */
            if ((c != 0xc2 && c != 0xc3) || i + 1 == len || ((unsigned char)s[i + 1] >> 6) != 2) {
                return false;
            }
            i++;
        }
    }
    return true;
}

char *cay__http_latin1(char *to, const char *text) {
    for (const unsigned char *s = (const unsigned char *)text; *s; s++) {
        if (*s >= 0x80) {
            *to++ = (char)((s[0] << 6) | (s[1] & 0x3f));
            s++;
        } else {
            *to++ = (char)*s;
        }
    }
    *to = 0;
    return to;
}

/* What speaks of the connection or frames the message: the transport writes these itself, and two voices about
 * the length of a message are how requests are smuggled (RFC 9112, 11.2). */
static const char *const transport_fields[] = {
    "connection",     "content-length",    "expect",           "host",
    "http2-settings", "keep-alive",        "proxy-connection", "te",
    "trailer",        "transfer-encoding", "upgrade",
};

bool cay__http_is_transport_field(const char *name, size_t len) {
    for (size_t i = 0; i < CAY_COUNT(transport_fields); i++) {
        if (strlen(transport_fields[i]) == len &&
            strncasecmp(name, transport_fields[i], len) == 0) {
            return true;
        }
    }
    return false;
}
