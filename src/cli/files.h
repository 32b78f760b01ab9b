/* SPDX-License-Identifier: MIT */
/* Files that options name. */
#ifndef CAY_CLI_FILES_H
#define CAY_CLI_FILES_H

#include <stddef.h>

/** A file's text, for free, with a NUL after it. `option` is named in the one line on standard error when
 *  it cannot be read, is too large, or holds a NUL. 0 or an exit code. */
int cay__cli_file_read(const char *option, const char *path, char **out);
/** 0 when there is a regular file that may be read, or an exit code after one line. */
int cay__cli_file_check(const char *option, const char *path);
/** 0 when the file holds a certificate in PEM form, or an exit code after one line. Whether it can be used is
 *  seen when a server is verified. */
int cay__cli_file_check_certificates(const char *option, const char *path);
/** The file: URL of a path, for free; NULL when out of memory or without a working directory. */
char *cay__cli_file_url(const char *path);
/** file://DIRECTORY/NAME for an absolute directory; NAME is in URL form already. For free; NULL when out of
 *  memory. */
char *cay__cli_file_url_in(const char *directory, const char *name);
/** Where code over http(s) is kept when nobody says: $XDG_CACHE_HOME/cay or $HOME/.cache/cay. *out is for
 *  free, NULL when neither is set. 0, or an exit code when out of memory. */
int cay__cli_file_cache(char **out);
/** One line when nothing can be kept in the directory, or it cannot be made: code is fetched each time then. */
void cay__cli_file_warn_cache(const char *path);

#endif
