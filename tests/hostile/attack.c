/* SPDX-License-Identifier: MIT */
#include "attack.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USUAL_WITHIN_MS 20000
#define USUAL_PEAK_MB   400

static const char *const reason_words[] = {
    [CAY_REASON_NONE] = "none",
    [CAY_REASON_CLOSED] = "closed",
    [CAY_REASON_TERMINATED] = "terminated",
    [CAY_REASON_PARENT_GONE] = "parent-gone",
    [CAY_REASON_MAIN_MODULE] = "main-module",
    [CAY_REASON_UNCAUGHT] = "uncaught",
    [CAY_REASON_HEAP] = "heap",
    [CAY_REASON_SHUTDOWN] = "shutdown",
    [CAY_REASON_START] = "start",
    [CAY_REASON_LOST] = "lost",
    [CAY_REASON_ENGINE] = "engine",
    [CAY_REASON_MEMORY] = "memory",
    [CAY_REASON_CPU] = "cpu",
    [CAY_REASON_TURN_CPU] = "turn-cpu",
    [CAY_REASON_WALL] = "wall",
    [CAY_REASON_IDLE] = "idle",
    [CAY_REASON_STARTUP] = "startup",
};
#define REASONS (sizeof reason_words / sizeof *reason_words)

const char *attack_reason_word(cay_reason_t reason) {
    return reason < REASONS ? reason_words[reason] : "unknown";
}

const char *attack_reason_named(const char *word) {
    for (size_t i = 0; i < REASONS; i++) {
        if (strcmp(reason_words[i], word) == 0) {
            return reason_words[i];
        }
    }
    return "unknown";
}

bool attack_word_is_in(const char *word, const char *list) {
    size_t len = strlen(word);
    for (const char *at = list; *at;) {
        size_t n = strcspn(at, "|");
        if (n == len && memcmp(at, word, n) == 0) {
            return true;
        }
        at += n + (at[n] == '|');
    }
    return false;
}

static bool are_reasons(const char *list) {
    char one[32];
    for (const char *at = list; *at;) {
        size_t n = strcspn(at, "|");
        snprintf(one, sizeof one, "%.*s", (int)n, at);
        if (strcmp(attack_reason_named(one), one) != 0) {
            return false;
        }
        at += n + (at[n] == '|');
    }
    return *list != 0;
}

int attack_limits(const char *text, cay_limits_t *limits, cay_error_t **err) {
    char copy[256], *save = NULL;
    int rc = 0;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *one = strtok_r(copy, ";", &save); one && !rc; one = strtok_r(NULL, ";", &save)) {
        char *value = strchrnul(one, '=');
        if (*value) {
            *value++ = 0;
        }
        rc = cay_limits_set(limits, one, value, err);
    }
    return rc;
}

/* ---- heads ---- */

static bool keep(char *to, size_t size, const char *value) {
    return (size_t)snprintf(to, size, "%s", value) < size;
}

static bool set_number(uint64_t *to, const char *value, uint64_t times) {
    char *end;
    *to = strtoull(value, &end, 10) * times;
    return *to && !*end;
}

static bool set_flag(bool *to, const char *value, const char *word) {
    *to = strcmp(value, word) == 0;
    return *to;
}

static bool set_host(attack_t *a, const char *value) {
    a->host = strcmp(value, "silent") == 0 ? HOST_SILENT : HOST_FLOODS;
    return a->host == HOST_SILENT || strcmp(value, "floods") == 0;
}

/* false: no such key, or a value that it does not know. */
static bool set_key(attack_t *a, const char *key, const char *value) {
#define TEXT(name, field)                                                                          \
    if (strcmp(key, name) == 0) {                                                                  \
        return keep(a->field, sizeof a->field, value);                                             \
    }
    TEXT("expect", expect)
    TEXT("limits", limits)
    TEXT("grants", grants)
    TEXT("says", says)
    TEXT("tells", tells)
#undef TEXT
    return strcmp(key, "within") == 0      ? set_number(&a->within_ms, value, 1000)
           : strcmp(key, "peak") == 0      ? set_number(&a->peak_mb, value, 1)
           : strcmp(key, "host") == 0      ? set_host(a, value)
           : strcmp(key, "quiet") == 0     ? set_flag(&a->stays, value, "stays")
           : strcmp(key, "uncaught") == 0  ? set_flag(&a->reports, value, "report")
           : strcmp(key, "loses") == 0     ? set_flag(&a->loses, value, "thread")
           : strcmp(key, "alone") == 0     ? set_flag(&a->alone, value, "process")
           : strcmp(key, "not-under") == 0 ? set_flag(&a->not_under_asan, value, "asan")
                                           : false;
}

/* "// key: value" is for us when the key is all in small letters; other comments are prose. */
static bool read_line(attack_t *a, char *line) {
    char *key = line + 3;
    size_t n = strspn(key, "abcdefghijklmnopqrstuvwxyz-");
    if (n == 0 || strncmp(key + n, ": ", 2) != 0) {
        return true;
    }
    key[n] = 0;
    if (set_key(a, key, key + n + 2)) {
        return true;
    }
    fprintf(stderr, "%s: \"%s: %s\" makes no sense in a head\n", a->path, key, key + n + 2);
    return false;
}

static bool read_head(attack_t *a) {
    FILE *f = fopen(a->path, "re");
    if (!f) {
        perror(a->path);
        return false;
    }
    char line[512];
    bool ok = true;
    while (ok && fgets(line, sizeof line, f) && strncmp(line, "// ", 3) == 0) {
        line[strcspn(line, "\n")] = 0;
        ok = read_line(a, line);
    }
    fclose(f);
    if (ok && !are_reasons(a->expect)) {
        fprintf(stderr, "%s: \"expect: %s\" names no reason\n", a->path, a->expect);
        return false;
    }
    return ok;
}

static int is_script(const struct dirent *e) {
    size_t n = strlen(e->d_name);
    return n > 3 && strcmp(e->d_name + n - 3, ".js") == 0;
}

static bool read_attack(attack_t *a, const char *folder, const char *file) {
    *a = (attack_t){.within_ms = USUAL_WITHIN_MS, .peak_mb = USUAL_PEAK_MB};
    snprintf(a->name, sizeof a->name, "%.*s", (int)strlen(file) - 3, file);
    snprintf(a->path, sizeof a->path, "%s/%s", folder, file);
    return read_head(a);
}

attack_t *attacks_read(const char *folder, size_t *count) {
    struct dirent **list;
    int n = scandir(folder, &list, is_script, alphasort);
    if (n <= 0) {
        fprintf(stderr, "%s: no scripts there\n", folder);
        return NULL;
    }
    attack_t *out = calloc((size_t)n, sizeof *out);
    bool ok = out != NULL;
    for (int i = 0; i < n; i++) {
        ok = ok && read_attack(&out[i], folder, list[i]->d_name);
        free(list[i]);
    }
    free(list);
    *count = (size_t)n;
    if (!ok) {
        free(out);
        return NULL;
    }
    return out;
}
