/* SPDX-License-Identifier: MIT */
/* Content types of modules. MIME Sniffing standard: "JavaScript MIME type", "JSON MIME type". */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "loader/internal.h"

static const char *const scripts[] = {
    "text/javascript",    "application/javascript",   "application/ecmascript",
    "text/ecmascript",    "application/x-ecmascript", "application/x-javascript",
    "text/x-ecmascript",  "text/x-javascript",        "text/jscript",
    "text/livescript",    "text/javascript1.0",       "text/javascript1.1",
    "text/javascript1.2", "text/javascript1.3",       "text/javascript1.4",
    "text/javascript1.5"};

/* video/mp2t is what servers make of the ending .ts. */
static const char *const typescripts[] = {
    "text/typescript", "application/typescript",  "text/x-typescript", "application/x-typescript",
    "video/mp2t",      "video/vnd.dlna.mpeg-tts", "text/tsx",          "text/jsx"};

static bool is_one_of(const char *const *list, size_t count, const char *essence, size_t len) {
    for (size_t i = 0; i < count; i++) {
        if (len == strlen(list[i]) && strncasecmp(essence, list[i], len) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_json(const char *essence, size_t len) {
    static const char *const types[] = {"application/json", "text/json"};
    return is_one_of(types, CAY_COUNT(types), essence, len) ||
           (len > 5 && strncasecmp(essence + len - 5, "+json", 5) == 0);
}

int cay__check_mime(const char *mime, eng_module_type_t type, cay_error_t **err) {
    if (!mime) {
        return cay__error_set(err, CAY_EINVAL, "it came without a content type");
    }
    const char *essence = mime + strspn(mime, " \t");
    size_t len = strcspn(essence, "; \t");
    bool fits = type == ENG_MODULE_JSON ? is_json(essence, len)
                                        : is_one_of(scripts, CAY_COUNT(scripts), essence, len);
    if (fits) {
        return 0;
    }
    if (type == ENG_MODULE_JS && is_one_of(typescripts, CAY_COUNT(typescripts), essence, len)) {
        return cay__error_set(
            err, CAY_EINVAL,
            "its type \"%.100s\" is TypeScript's or JSX's: cay runs JavaScript only", mime);
    }
    return cay__error_set(err, CAY_EINVAL, "its type \"%.100s\" is not that of a %s module", mime,
                          type == ENG_MODULE_JSON ? "JSON" : "JavaScript");
}
