/* SPDX-License-Identifier: MIT */
#include "loader/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

typedef struct algorithm {
    const char *prefix;
    const EVP_MD *(*md)(void);
    size_t chars; /* of the digest in base64 */
} algorithm_t;

/* Weakest first. */
static const algorithm_t algorithms[] = {
    {"sha256-", EVP_sha256, 44},
    {"sha384-", EVP_sha384, 64},
    {"sha512-", EVP_sha512, 88},
};
#define PREFIX_LEN 7
#define TEXT_SIZE  (PREFIX_LEN + 88 + 1)
#define SPACES     " \t\n\r\f"

/* EVP fails for want of memory alone here. */
static int digest(const EVP_MD *md, const void *data, size_t len, uint8_t *out, unsigned *size) {
    return EVP_Digest(data, len, out, size, md, NULL) == 1 ? 0 : CAY_ENOMEM;
}

static int digest_text(const algorithm_t *a, const void *data, size_t len, char out[TEXT_SIZE]) {
    uint8_t bytes[EVP_MAX_MD_SIZE];
    unsigned size;
    int rc = digest(a->md(), data, len, bytes, &size);
    if (rc == 0) {
        memcpy(out, a->prefix, PREFIX_LEN);
        EVP_EncodeBlock((uint8_t *)out + PREFIX_LEN, bytes, (int)size);
    }
    return rc;
}

int cay__sri_sha256(const void *data, size_t len, char out[CAY_SRI_SIZE]) {
    char text[TEXT_SIZE];
    int rc = digest_text(&algorithms[0], data, len, text);
    if (rc == 0) {
        memcpy(out, text, CAY_SRI_SIZE);
    }
    return rc;
}

int cay__hex_sha256(const void *data, size_t len, char out[CAY_HEX_SIZE]) {
    uint8_t bytes[EVP_MAX_MD_SIZE];
    unsigned size;
    int rc = digest(EVP_sha256(), data, len, bytes, &size);
    for (unsigned i = 0; rc == 0 && i < size; i++) {
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    }
    return rc;
}

static bool is_base64(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '-' || c == '_';
}

/* The kind of a token without its options, NULL when it is none. */
static const algorithm_t *kind_of(const char *token, size_t len) {
    for (size_t i = 0; i < CAY_COUNT(algorithms); i++) {
        const algorithm_t *a = &algorithms[i];
        if (len != PREFIX_LEN + a->chars || strncmp(token, a->prefix, PREFIX_LEN) != 0) {
            continue;
        }
        size_t n = PREFIX_LEN;
        while (n < len && is_base64(token[n])) {
            n++;
        }
        /* 32 and 64 bytes end with padding, 48 have none. */
        size_t padding = a->chars == 44 ? 1 : a->chars == 88 ? 2 : 0;
        return len - n == padding && strspn(token + n, "=") >= padding ? a : NULL;
    }
    return NULL;
}

bool cay__sri_is_sha256(const char *text) {
    return kind_of(text, strlen(text)) == &algorithms[0] && !strpbrk(text + PREFIX_LEN, "-_");
}

/* The next token from *at on, its options left out of *len; NULL at the end. */
static const char *next_token(const char **at, size_t *len) {
    const char *token = *at + strspn(*at, SPACES);
    size_t whole = strcspn(token, SPACES);
    *at = token + whole;
    *len = strcspn(token, SPACES "?");
    return whole ? token : NULL;
}

int cay__sri_parse(const char *metadata, cay_error_t **err) {
    size_t len;
    bool any = false;
    for (const char *at = metadata, *token; (token = next_token(&at, &len)); any = true) {
        if (!kind_of(token, len)) {
            return cay__error_set(err, CAY_EINVAL,
                                  "\"%.*s\" is no digest: sha256-, sha384- or sha512- and base64",
                                  (int)(len > 120 ? 120 : len), token);
        }
    }
    return any ? 0 : cay__error_set(err, CAY_EINVAL, "it names no digest");
}

/* base64url letters are taken for those of base64. */
static bool same_digest(const char *a, const char *b, size_t len) {
    for (size_t i = PREFIX_LEN; i < len; i++) {
        char c = a[i] == '-' ? '+' : a[i] == '_' ? '/' : a[i];
        if (c != b[i]) {
            return false;
        }
    }
    return true;
}

int cay__sri_check(const char *metadata, const void *data, size_t len, cay_error_t **err) {
    const algorithm_t *best = NULL;
    const char *expected = "";
    size_t n, expected_len = 0;
    for (const char *at = metadata, *token; (token = next_token(&at, &n));) {
        const algorithm_t *a = kind_of(token, n);
        if (a && (!best || a > best)) {
            best = a;
            expected = token;
            expected_len = n;
        }
    }
    if (!best) {
        return cay__error_set(err, CAY_EPERM, "its integrity names no digest");
    }
    char found[TEXT_SIZE];
    int rc = digest_text(best, data, len, found);
    if (rc) {
        return cay__error_set(err, rc, "out of memory");
    }
    for (const char *at = metadata, *token; (token = next_token(&at, &n));) {
        if (kind_of(token, n) == best && same_digest(token, found, n)) {
            return 0;
        }
    }
    return cay__error_set(err, CAY_EPERM, "its integrity is not as told: expected %.*s, found %s",
                          (int)expected_len, expected, found);
}
