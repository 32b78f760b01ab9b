/* SPDX-License-Identifier: MIT */
/* Numbers, dates and array indexes as text, the JavaScript way. */
#include "codec/doc.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIME_MOST 8.64e15 /* ECMA-262, 21.4.1.1 */

double cay__time_clip(double ms) {
    if (!(fabs(ms) <= TIME_MOST)) {
        return (double)NAN;
    }
    return trunc(ms) + 0.0; /* no -0 */
}

/* Whether `text` reads back as v; also tries the digit above the last one, as at a power of two the
 * next number up is twice as far off as the one below, and the nearest digits may miss where those
 * do not. */
static bool reads_back(char *text, double v) {
    if (strtod(text, NULL) == v) {
        return true;
    }
    char *last = strchr(text, 'e') - 1;
    int exponent;
    if (frexp(v, &exponent) != 0.5 || *last < '0' || *last >= '9') {
        return false;
    }
    ++*last;
    return strtod(text, NULL) == v;
}

/* The fewest decimal digits that read back as v (finite, above 0), and the exponent such that v =
 * 0.DIGITS * 10^exponent. The separator of the locale is skipped over, so that it does not
 * matter. */
static int shortest(double v, char digits[18], int *exponent) {
    char text[40];
    /* Up to 15 digits a double keeps any decimal, so there 15 show the fewest, zeros behind them;
     * below the normal range it keeps fewer. */
    for (int precision = v < DBL_MIN ? 1 : 15; precision <= 17; precision++) {
        snprintf(text, sizeof text, "%.*e", precision - 1, v);
        if (reads_back(text, v)) {
            break;
        }
    }
    int n = 0;
    const char *p = text;
    for (; *p && *p != 'e'; p++) {
        if (*p >= '0' && *p <= '9') {
            digits[n++] = *p;
        }
    }
    *exponent = *p ? (int)strtol(p + 1, NULL, 10) + 1 : 1;
    while (n > 1 && digits[n - 1] == '0') {
        n--;
    }
    digits[n] = 0;
    return n;
}

/* ECMA-262, 6.1.6.1.20, with k digits and n = the place of the point. */
static size_t layout(const char *digits, int k, int n, char *out) {
    char *p = out;
    if (n > 21 || n < -5) {
        *p++ = digits[0];
        if (k > 1) {
            *p++ = '.';
            memcpy(p, digits + 1, (size_t)k - 1);
            p += k - 1;
        }
        return (size_t)(p - out) + (size_t)sprintf(p, "e%+d", n - 1);
    }
    if (n <= 0) {
        *p++ = '0';
        *p++ = '.';
        memset(p, '0', (size_t)-n);
        p += -n;
        memcpy(p, digits, (size_t)k);
        p += k;
    } else {
        int whole = k < n ? k : n;
        memcpy(p, digits, (size_t)whole);
        p += whole;
        memset(p, '0', (size_t)(n - whole));
        p += n - whole;
        if (k > n) {
            *p++ = '.';
            memcpy(p, digits + n, (size_t)(k - n));
            p += k - n;
        }
    }
    *p = 0;
    return (size_t)(p - out);
}

size_t cay__number_text(double v, char out[NUMBER_TEXT_MAX]) {
    if (isnan(v) || isinf(v)) {
        strcpy(out, isnan(v) ? "NaN" : v < 0 ? "-Infinity" : "Infinity");
        return strlen(out);
    }
    if (fabs(v) < 1e15 && v == trunc(v)) { /* most numbers; -0 is "0" */
        return (size_t)snprintf(out, NUMBER_TEXT_MAX, "%lld", (long long)v);
    }
    char digits[18];
    int exponent;
    size_t sign = v < 0;
    out[0] = '-';
    int k = shortest(fabs(v), digits, &exponent);
    return sign + layout(digits, k, exponent, out + sign);
}

/* Days since 1970 to a date of the proleptic Gregorian calendar: years are counted from March, so
 * that the leap day is the last of its year, in eras of 400 years (146,097 days). */
static void civil(int64_t days, int64_t *year, unsigned *month, unsigned *day) {
    days += 719468; /* from 1 March of year 0 */
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t in_era = days - era * 146097;
    int64_t y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * y + y / 4 - y / 100);
    unsigned from_march = (unsigned)((5 * in_year + 2) / 153);
    *day = (unsigned)(in_year - (153 * from_march + 2) / 5 + 1);
    *month = from_march < 10 ? from_march + 3 : from_march - 9;
    *year = y + era * 400 + (*month <= 2);
}

size_t cay__date_text(double ms, char out[NUMBER_TEXT_MAX]) {
    double whole = cay__time_clip(ms);
    if (isnan(whole)) {
        out[0] = 0;
        return 0;
    }
    int64_t t = (int64_t)whole;
    int64_t days = t / 86400000 - (t % 86400000 < 0);
    unsigned rest = (unsigned)(t - days * 86400000);
    int64_t year;
    unsigned month, day;
    civil(days, &year, &month, &day);
    int n = year >= 0 && year <= 9999
                ? snprintf(out, NUMBER_TEXT_MAX, "%04d", (int)year)
                : snprintf(out, NUMBER_TEXT_MAX, "%c%06d", year < 0 ? '-' : '+', abs((int)year));
    n += snprintf(out + n, NUMBER_TEXT_MAX - (size_t)n, "-%02u-%02uT%02u:%02u:%02u.%03uZ",
                  month % 100, day % 100, rest / 3600000 % 100, rest / 60000 % 60, rest / 1000 % 60,
                  rest % 1000);
    return (size_t)n;
}

int64_t cay__key_index(const char *key, size_t len) {
    if (len == 0 || len > 10 || (key[0] == '0' && len > 1)) {
        return -1;
    }
    int64_t v = 0;
    for (size_t i = 0; i < len; i++) {
        if (key[i] < '0' || key[i] > '9') {
            return -1;
        }
        v = v * 10 + (key[i] - '0');
    }
    return v < (int64_t)UINT32_MAX ? v : -1;
}
