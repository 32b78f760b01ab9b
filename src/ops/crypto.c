/* SPDX-License-Identifier: MIT */
/* Ops of Web Cryptography: random bytes of the kernel (getrandom(2)), digests of libcrypto. */
#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/random.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/pool.h"
#include "ops/ops.h"
#include "worker/net.h"
#include "worker/request.h"

/* Web Cryptography, getRandomValues: at most this many bytes at a time. */
#define MAX_RANDOM 65536
/* Up to here a digest is made at once: a thread would take longer to wake. */
#define SMALL_DIGEST 16384
/* Between two looks at `revoked`. */
#define DIGEST_STEP ((size_t)4 << 20)

/* false: the kernel has none, which it says only before its pool was filled once. */
static bool fill_random(void *to, size_t len) {
    for (char *at = to; len > 0;) {
        ssize_t n = getrandom(at, len, 0);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        at += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* randomFill(view) */
void cay__op_randomFill(eng_call_t *c) {
    eng_isolate_t *iso = eng_call_isolate(c);
    size_t len = eng_bytes_length(iso, eng_arg(c, 0));
    if (len > MAX_RANDOM) {
        eng_throw(c, CAY_EINVAL, "not a view, shared, or too long");
        return;
    }
    CAY_AUTOFREE char *bytes = cay__malloc(len);
    if (!bytes || !fill_random(bytes, len)) {
        eng_throw(c, bytes ? CAY_EIO : CAY_ENOMEM, "no random bytes");
        return;
    }
    if (eng_bytes_write(iso, eng_arg(c, 0), 0, bytes, len)) {
        eng_throw(c, CAY_EINVAL, "not a view");
    }
}

/* RFC 9562, version 4. randomUuid() */
void cay__op_randomUuid(eng_call_t *c) {
    static const char hex[] = "0123456789abcdef";
    uint8_t b[16];
    char text[36];
    if (!fill_random(b, sizeof b)) {
        eng_throw(c, CAY_EIO, "no random bytes");
        return;
    }
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    size_t at = 0;
    for (size_t i = 0; i < sizeof b; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            text[at++] = '-';
        }
        text[at++] = hex[b[i] >> 4];
        text[at++] = hex[b[i] & 15];
    }
    eng_ret(c, eng_string(eng_call_isolate(c), text, sizeof text));
}

/* ---- digests ---- */

typedef struct digest {
    cay_request_t request; /* first */
    cay_job_t job;
    const EVP_MD *algorithm;
    cay_blob_t data;
    uint8_t out[EVP_MAX_MD_SIZE];
    unsigned len;
} digest_t;

static const EVP_MD *algorithm_of(const char *name) {
    return strcmp(name, "SHA-1") == 0     ? EVP_sha1()
           : strcmp(name, "SHA-256") == 0 ? EVP_sha256()
           : strcmp(name, "SHA-384") == 0 ? EVP_sha384()
           : strcmp(name, "SHA-512") == 0 ? EVP_sha512()
                                          : NULL;
}

static int digest_steps(EVP_MD_CTX *ctx, digest_t *d) {
    const char *at = d->data.data;
    bool ok = EVP_DigestInit_ex(ctx, d->algorithm, NULL);
    for (size_t left = d->data.len; ok && left > 0;) {
        size_t n = left < DIGEST_STEP ? left : DIGEST_STEP;
        if (atomic_load(&d->request.revoked)) {
            return CAY_ETERMINATED;
        }
        ok = EVP_DigestUpdate(ctx, at, n);
        at += n;
        left -= n;
    }
    return ok && EVP_DigestFinal_ex(ctx, d->out, &d->len) ? 0 : CAY_EENGINE;
}

static int digest_run(digest_t *d) {
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int rc = ctx ? digest_steps(ctx, d) : CAY_ENOMEM;
    EVP_MD_CTX_free(ctx);
    return rc;
}

static void digest_work(cay_job_t *job) {
    digest_t *d = CAY_CONTAINER(job, digest_t, job);
    cay__request_done(&d->request, digest_run(d), NULL);
}

static void free_bytes(void *data, size_t len, void *user) {
    (void)len;
    (void)user;
    cay__free(data);
}

static int digest_value(digest_t *d, eng_isolate_t *iso, eng_val_t *out) {
    cay_blob_t blob = {cay__memdup(d->out, d->len), d->len, free_bytes, NULL};
    *out = blob.data ? eng_buffer(iso, &blob) : eng_undefined(iso);
    return eng_is_undefined(*out) ? CAY_ENOMEM : 0;
}

static int digest_settle(cay_request_t *r, cay_agent_t *a, eng_val_t *out, cay_error_t **err) {
    (void)err;
    return digest_value(CAY_CONTAINER(r, digest_t, request), a->iso, out);
}

static void digest_free(cay_request_t *r) {
    digest_t *d = CAY_CONTAINER(r, digest_t, request);
    cay__blob_drop(&d->data);
    cay__free(d);
}

static const cay_request_ops_t digest_ops = {digest_settle, NULL, digest_free};

/* 0 with *out set: it is done. 0 without: the promise is settled later. On failure d is freed. */
static int digest_start(eng_call_t *c, digest_t *d, eng_val_t *out, cay_error_t **err) {
    cay_agent_t *a = eng_call_host(c);
    int rc = eng_bytes_copy(a->iso, eng_arg(c, 2), &d->data);
    bool small = d->data.len <= SMALL_DIGEST;
    if (rc == 0 && small) {
        rc = digest_run(d);
        rc = rc ? rc : digest_value(d, a->iso, out);
    } else if (rc == 0) {
        d->request.bytes = d->data.len;
        rc = cay__request_begin(a, &d->request, eng_to_u32(eng_arg(c, 0)), NULL, NULL, err);
    }
    if (rc || small) {
        digest_free(&d->request);
        return rc;
    }
    rc = cay__pool_submit(a->env->services->pool, &d->job);
    if (rc) {
        cay__request_done(&d->request, rc, NULL);
    }
    return 0;
}

/* digest(id, algorithm, data): an ArrayBuffer when it is done at once, else the promise gets it */
void cay__op_digest(eng_call_t *c) {
    CAY_AUTOFREE char *name = eng_to_text(eng_call_isolate(c), eng_arg(c, 1), NULL);
    const EVP_MD *algorithm = name ? algorithm_of(name) : NULL;
    digest_t *d = algorithm ? CAY_NEW(digest_t) : NULL;
    if (!d) {
        eng_throw(c, algorithm ? CAY_ENOMEM : CAY_ENOTSUP, "no such digest, or no memory for it");
        return;
    }
    *d = (digest_t){.algorithm = algorithm, .request.ops = &digest_ops, .job.work = digest_work};
    eng_val_t out = eng_undefined(eng_call_isolate(c));
    cay_error_t *err = NULL;
    int rc = digest_start(c, d, &out, &err);
    if (rc) {
        eng_throw(c, rc, "%s", err ? cay_error_message(err) : cay_error_text(rc));
        cay_error_free(err);
    } else {
        eng_ret(c, out);
    }
}
