/* SPDX-License-Identifier: MIT */
/* "Domain to ASCII" of the URL Standard over ICU's UTS #46.
 *
 * A domain in plain ASCII is lowercased and nothing else, even when a label starts with "xn--" and
 * does not decode: the standard gave way to the web there. All others go through ToASCII with
 * CheckHyphens=false, CheckBidi=true, CheckJoiners=true, UseSTD3ASCIIRules=false,
 * Transitional_Processing=false, VerifyDnsLength=false, IgnoreInvalidPunycode=false. ICU has no switch
 * for hyphens and DNS lengths: it reports them as error bits, which are masked here. */
#include "url/internal.h"

#include <stdatomic.h>
#include <string.h>
#include <unicode/uidna.h>

#include "base/mem.h"

#define IGNORED_ERRORS                                                                             \
    (UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG | UIDNA_ERROR_DOMAIN_NAME_TOO_LONG |     \
     UIDNA_ERROR_LEADING_HYPHEN | UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4)

/* One instance for the process, immutable and safe for any thread; made on first use, so that a
 * failure to make it can be tried again. Never closed. */
static const UIDNA *idna_instance(void) {
    static _Atomic(UIDNA *) shared;
    UIDNA *have = atomic_load_explicit(&shared, memory_order_acquire);
    if (have) {
        return have;
    }
    UErrorCode status = U_ZERO_ERROR;
    UIDNA *made =
        uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII |
                            UIDNA_NONTRANSITIONAL_TO_UNICODE,
                        &status);
    if (U_FAILURE(status)) {
        return NULL;
    }
    if (!atomic_compare_exchange_strong(&shared, &have, made)) {
        uidna_close(made); /* another thread was first */
        return have;
    }
    return made;
}

static bool is_ace(const char *label, size_t len) {
    return len >= 4 && (label[0] | 0x20) == 'x' && (label[1] | 0x20) == 'n' && label[2] == '-' &&
           label[3] == '-';
}

/* A label that was encoded but has nothing in it that needs it: "xn--" and "xn--abc-". UTS #46 since
 * revision 33 calls these invalid; older ICU lets them pass. */
static bool is_empty_ace(const char *label, size_t len) {
    return is_ace(label, len) && (len == 4 || label[len - 1] == '-');
}

static bool any_label(const char *host, size_t len, bool (*test)(const char *, size_t)) {
    const char *end = host + len;
    for (;;) {
        const char *dot = memchr(host, '.', (size_t)(end - host));
        if (test(host, (size_t)((dot ? dot : end) - host))) {
            return true;
        }
        if (!dot) {
            return false;
        }
        host = dot + 1;
    }
}

static bool is_ascii(const char *domain, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if ((uint8_t)domain[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* UTS #46 maps the capital sharp s (U+1E9E) to the small one since Unicode 15.1, and to "ss" in older
 * data: mapped here, so that a host's name does not hang on the age of ICU. */
static void fold_sharp_s(const char *domain, size_t len, cay_buf_t *out) {
    for (size_t i = 0; i < len; i++) {
        if (len - i >= 3 && memcmp(domain + i, "\xe1\xba\x9e", 3) == 0) {
            cay__buf_put(out, "\xc3\x9f", 2);
            i += 2;
        } else {
            cay__buf_u8(out, (uint8_t)domain[i]);
        }
    }
}

/* Room for `cap` bytes at the end of `out`; as uidna_nameToASCII_UTF8, the length it wants. */
static int32_t map_into(const UIDNA *idna, const char *domain, size_t len, cay_buf_t *out,
                        int32_t cap, uint32_t *errors, UErrorCode *status) {
    uint8_t *room = cay__buf_room(out, (size_t)cap);
    if (!room) {
        *status = U_MEMORY_ALLOCATION_ERROR;
        return 0;
    }
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    int32_t n =
        uidna_nameToASCII_UTF8(idna, domain, (int32_t)len, (char *)room, cap, &info, status);
    *errors = info.errors;
    return n;
}

static int map_domain(const char *domain, size_t len, cay_buf_t *out, const char **why) {
    const UIDNA *idna = idna_instance();
    UErrorCode status = U_ZERO_ERROR;
    uint32_t errors = 0;
    if (!idna) {
        return CAY_ENOMEM;
    }
    int32_t n = map_into(idna, domain, len, out, 256, &errors, &status);
    if (status == U_BUFFER_OVERFLOW_ERROR) {
        status = U_ZERO_ERROR;
        n = map_into(idna, domain, len, out, n + 1, &errors, &status);
    }
    if (status == U_MEMORY_ALLOCATION_ERROR) {
        return CAY_ENOMEM;
    }
    if (U_FAILURE(status) || (errors & ~(uint32_t)IGNORED_ERRORS) ||
        any_label(url_text(out) + out->len, (size_t)n, is_empty_ace)) {
        *why = "not a valid domain name (IDNA)";
        return CAY_EFORMAT;
    }
    out->len += (size_t)n;
    return 0;
}

int cay__idna_to_ascii(const char *domain, size_t len, cay_buf_t *out, const char **why) {
    if (is_ascii(domain, len)) {
        for (size_t i = 0; i < len; i++) {
            cay__buf_u8(out, (uint8_t)url_lower((uint8_t)domain[i]));
        }
        return out->failed ? CAY_ENOMEM : 0;
    }
    if (len > CAY_URL_IDNA_MAX) {
        *why = "the internationalised domain name is too long";
        return CAY_EFORMAT;
    }
    cay_buf_t folded = CAY_BUF_INIT;
    fold_sharp_s(domain, len, &folded);
    int rc = CAY_ENOMEM;
    if (!folded.failed) {
        rc = map_domain(url_text(&folded), folded.len, out, why);
    }
    cay__buf_free(&folded);
    return rc;
}
