/* SPDX-License-Identifier: MIT */
/* The command `cay`. Uses the public headers alone, as any embedder does. */
#include <cay/cay.h>
#include <cay/v8.h>

#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "options.h"
#include "out.h"

typedef struct command {
    const char *name;
    int (*run)(int argc, char **argv);
} command_t;
static const command_t commands[] = {{"run", cay__cli_run},
                                     {"eval", cay__cli_eval},
                                     {"info", cay__cli_info},
                                     {"help", cay__cli_help}};

static int print_version(void) {
    cay_cli_text_t t = {0};
    cay__cli_putf(&t, "cay %s (V8 %s)\n", cay_version(), cay_v8_version());
    int rc = cay__cli_out_write(STDOUT_FILENO, t.ptr, t.len);
    cay__cli_text_free(&t);
    return rc ? CAY_CLI_FAILED : CAY_CLI_OK;
}

int main(int argc, char **argv) {
    cay__cli_out_init();
    if (argc < 2) {
        cay__cli_say("what to do is missing: run, eval, info or help (see 'cay --help')");
        return CAY_CLI_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        return cay__cli_help_print(NULL);
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        return print_version();
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(word, commands[i].name) == 0) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    return cay__cli_unknown_command(word);
}
