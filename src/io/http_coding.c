/* SPDX-License-Identifier: MIT */
#include "io/http_coding.h"

#include <brotli/decode.h>
#include <dlfcn.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "base/mem.h"
#include "os/thread.h"

#define WINDOW_BITS 15

typedef enum kind { GZIP, DEFLATE, BR } kind_t;

struct cay_coding {
    kind_t kind;
    bool begun; /* a byte has come */
    bool ended; /* the format says that it is over */
    z_stream z;
    bool z_open;
    BrotliDecoderState *br;
};

#define ZLIB_FUNCTIONS(X) X(inflateInit2_) X(inflate) X(inflateReset2) X(inflateEnd)
#define BROTLI_FUNCTIONS(X)                                                                        \
    X(BrotliDecoderCreateInstance)                                                                 \
    X(BrotliDecoderDecompressStream) X(BrotliDecoderGetErrorCode) X(BrotliDecoderDestroyInstance)

static struct table {
#define FIELD(name) __typeof__(name) *name##_;
    ZLIB_FUNCTIONS(FIELD)
    BROTLI_FUNCTIONS(FIELD)
#undef FIELD
    const char *accepted;
} table;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool load(const char *file, const char *const *names, void **const *slots, size_t count) {
    void *lib = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; lib && i < count; i++) {
        void *symbol = dlsym(lib, names[i]);
        if (!symbol) {
            return false;
        }
        memcpy(slots[i], &symbol, sizeof symbol);
    }
    return lib != NULL;
}

#define NAME(name) #name,
#define SLOT(name) (void **)(void *)&table.name##_,

static void load_table(void) {
    static const char *const zlib_names[] = {ZLIB_FUNCTIONS(NAME)};
    static void **const zlib_slots[] = {ZLIB_FUNCTIONS(SLOT)};
    static const char *const br_names[] = {BROTLI_FUNCTIONS(NAME)};
    static void **const br_slots[] = {BROTLI_FUNCTIONS(SLOT)};
    bool zlib = load("libz.so.1", zlib_names, zlib_slots, CAY_COUNT(zlib_names));
    bool br = load("libbrotlidec.so.1", br_names, br_slots, CAY_COUNT(br_names));
    if (!zlib) {
        table.inflateInit2__ = NULL;
    }
    if (!br) {
        table.BrotliDecoderCreateInstance_ = NULL;
    }
    table.accepted = zlib && br ? "gzip, deflate, br" : zlib ? "gzip, deflate" : br ? "br" : "";
}

const char *cay__coding_accepted(void) {
    pthread_once(&once, load_table);
    return table.accepted;
}

static bool kind_of(const char *value, kind_t *out) {
    static const struct {
        const char *name;
        kind_t kind;
    } names[] = {{"gzip", GZIP}, {"x-gzip", GZIP}, {"deflate", DEFLATE}, {"br", BR}};
    for (size_t i = 0; i < CAY_COUNT(names); i++) {
        if (strcasecmp(value, names[i].name) == 0) {
            *out = names[i].kind;
            return *out == BR ? table.BrotliDecoderCreateInstance_ != NULL
                              : table.inflateInit2__ != NULL;
        }
    }
    return false;
}

/* Their memory counts as ours, and fails as ours in tests. */
static void *z_alloc(void *opaque, unsigned count, unsigned size) {
    (void)opaque;
    return cay__calloc(count, size);
}

static void *br_alloc(void *opaque, size_t size) {
    (void)opaque;
    return cay__malloc(size);
}

static void release(void *opaque, void *ptr) {
    (void)opaque;
    cay__free(ptr);
}

int cay__coding_new(const char *value, cay_coding_t **out) {
    kind_t kind;
    *out = NULL;
    pthread_once(&once, load_table);
    if (!kind_of(value, &kind)) {
        return 0;
    }
    cay_coding_t *c = CAY_NEW(cay_coding_t);
    if (!c) {
        return CAY_ENOMEM;
    }
    c->kind = kind;
    if (kind == BR) {
        c->br = table.BrotliDecoderCreateInstance_(br_alloc, release, NULL);
    } else {
        c->z.zalloc = z_alloc;
        c->z.zfree = release;
        int bits = kind == GZIP ? 16 + WINDOW_BITS : WINDOW_BITS;
        c->z_open = table.inflateInit2__(&c->z, bits, ZLIB_VERSION, (int)sizeof(z_stream)) == Z_OK;
    }
    if (!c->br && !c->z_open) {
        cay__free(c);
        return CAY_ENOMEM;
    }
    *out = c;
    return 0;
}

void cay__coding_free(cay_coding_t *c) {
    if (c && c->br) {
        table.BrotliDecoderDestroyInstance_(c->br);
    }
    if (c && c->z_open) {
        table.inflateEnd_(&c->z);
    }
    cay__free(c);
}

/* "deflate" is zlib's format (RFC 9110, 8.4.1.2), but some send it without its head. */
static int begin(cay_coding_t *c, uint8_t first) {
    c->begun = true;
    if (c->kind == DEFLATE && (first & 0x8f) != 8) {
        return table.inflateReset2_(&c->z, -WINDOW_BITS) == Z_OK ? 0 : CAY_ENOMEM;
    }
    return 0;
}

/* After its end: gzip may go on with a further member (RFC 1952, 2.2); what else follows is left out. */
static int after_end(cay_coding_t *c, const uint8_t **in, size_t *in_len) {
    if (c->kind == GZIP && (*in)[0] == 0x1f) {
        c->ended = false;
        return table.inflateReset2_(&c->z, 16 + WINDOW_BITS) == Z_OK ? 0 : CAY_ENOMEM;
    }
    *in += *in_len;
    *in_len = 0;
    return 0;
}

static int run_zlib(cay_coding_t *c, const uint8_t **in, size_t *in_len, uint8_t *out, size_t room,
                    size_t *got) {
    unsigned take = *in_len < UINT32_MAX / 2 ? (unsigned)*in_len : UINT32_MAX / 2;
    c->z.next_in = (z_const Bytef *)(uintptr_t)*in;
    c->z.avail_in = take;
    c->z.next_out = out;
    c->z.avail_out = (unsigned)room;
    int rc = table.inflate_(&c->z, Z_SYNC_FLUSH);
    *in += take - c->z.avail_in;
    *in_len -= take - c->z.avail_in;
    *got = room - c->z.avail_out;
    c->ended = rc == Z_STREAM_END;
    switch (rc) {
    case Z_OK:
    case Z_STREAM_END:
    case Z_BUF_ERROR: return 0; /* no progress without more input */
    case Z_MEM_ERROR: return CAY_ENOMEM;
    default: return CAY_EFORMAT;
    }
}

static int run_brotli(cay_coding_t *c, const uint8_t **in, size_t *in_len, uint8_t *out,
                      size_t room, size_t *got) {
    size_t left = room;
    BrotliDecoderResult rc =
        table.BrotliDecoderDecompressStream_(c->br, in_len, in, &left, &out, NULL);
    *got = room - left;
    c->ended = rc == BROTLI_DECODER_RESULT_SUCCESS;
    if (rc != BROTLI_DECODER_RESULT_ERROR) {
        return 0;
    }
    int code = (int)table.BrotliDecoderGetErrorCode_(c->br);
    bool memory = code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
                  code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES;
    return memory ? CAY_ENOMEM : CAY_EFORMAT;
}

int cay__coding_run(cay_coding_t *c, const uint8_t **in, size_t *in_len, uint8_t *out, size_t room,
                    size_t *got) {
    int rc = 0;
    *got = 0;
    if (*in_len && !c->begun) {
        rc = begin(c, (*in)[0]);
    } else if (*in_len && c->ended) {
        rc = after_end(c, in, in_len);
    }
    /* Each turn uses input up or fills room; a format's end is one more turn. */
    while (rc == 0 && c->begun && !c->ended && *got < room) {
        size_t before = *in_len, n;
        rc = c->kind == BR ? run_brotli(c, in, in_len, out + *got, room - *got, &n)
                           : run_zlib(c, in, in_len, out + *got, room - *got, &n);
        *got += n;
        if (rc == 0 && c->ended && *in_len) {
            rc = after_end(c, in, in_len);
        } else if (n == 0 && *in_len == before) {
            break;
        }
    }
    return rc;
}

bool cay__coding_whole(const cay_coding_t *c) {
    return !c->begun || c->ended;
}
