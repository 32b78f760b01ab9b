/* SPDX-License-Identifier: MIT */
#include "io/curl.h"

#include <dlfcn.h>
#include <string.h>

#include "base/err.h"
#include "os/thread.h"

/* CURLOPT_PROTOCOLS_STR is of 7.85.0, the youngest of what keeps a request within its bounds. */
#define OLDEST 0x075500

static pthread_once_t once = PTHREAD_ONCE_INIT;
static cay_curl_t table;
static int load_rc; /* set by the one run of load_table */
static const char *load_why;

static bool load_symbols(void *lib) {
    static const char *const names[] = {
#define NAME(name) "curl_" #name,
        CAY_CURL_FUNCTIONS(NAME)
#undef NAME
    };
    void **slots[] = {
#define SLOT(name) (void **)(void *)&table.name,
        CAY_CURL_FUNCTIONS(SLOT)
#undef SLOT
    };
    for (size_t i = 0; i < CAY_COUNT(names); i++) {
        void *symbol = dlsym(lib, names[i]);
        if (!symbol) {
            return false;
        }
        memcpy(slots[i], &symbol, sizeof symbol);
    }
    return true;
}

static const char *load_checked(void) {
    void *lib = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!lib) {
        return "libcurl.so.4 cannot be loaded; HTTP needs it";
    }
    if (!load_symbols(lib)) {
        return "libcurl.so.4 lacks functions that are needed";
    }
    if (table.global_init(CURL_GLOBAL_DEFAULT)) {
        return "libcurl does not start";
    }
    const curl_version_info_data *info = table.version_info(CURLVERSION_NOW);
    if (info->version_num < OLDEST) {
        return "libcurl is older than 7.85";
    }
    if (!(info->features & CURL_VERSION_SSL)) {
        return "libcurl has no TLS";
    }
    return NULL;
}

static void load_table(void) {
    load_why = load_checked();
    load_rc = load_why ? CAY_ENOTSUP : 0;
}

int cay__curl_load(const cay_curl_t **out, cay_error_t **err) {
    pthread_once(&once, load_table);
    *out = &table;
    return load_rc ? cay__error_set(err, load_rc, "%s", load_why) : 0;
}
