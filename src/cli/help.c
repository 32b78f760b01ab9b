/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "options.h"
#include "out.h"

static const char whole[] =
    "cay: runs JavaScript that nobody vouches for, each script on its own V8 isolate\n"
    "\n"
    "  cay run  [options] FILE|URL|- [args...]   run a module: a file, a URL, standard input\n"
    "  cay eval [options] CODE [args...]         run a module given as text\n"
    "  cay info [--json]                         engine, walls and limits of this build and "
    "machine\n"
    "  cay help [COMMAND]                        this text, or that of a command\n"
    "  cay --version\n"
    "\n"
    "Exit code: 0 ended well, or what the script gave to cay.exit(); 1 an uncaught error, or the "
    "script did\n"
    "not load; 2 a mistake on the command line; 3 ended by a limit; 4 the engine was lost; 128 + N "
    "ended by\n"
    "signal N\n";

#define OPTIONS                                                                                    \
    "Permissions: the script computes and prints, and nothing else, until more is granted.\n"      \
    "Without a value an option grants all of its kind; options add up; a denial wins.\n"           \
    "      --allow-read[=PATH,..]     read files at and below PATH\n"                              \
    "      --allow-write[=PATH,..]    write, make and remove files at and below PATH\n"            \
    "      --allow-net[=HOST,..]      connect to HOST or HOST:PORT; HOST is a name, *.SUFFIX,\n"   \
    "                                 an address or ADDRESS/BITS; private addresses need to\n"     \
    "                                 be named\n"                                                  \
    "      --allow-env[=NAME,..]      see environment variables; NAME may be PREFIX*\n"            \
    "      --allow-import[=HOST,..]   import code over http(s) from HOST or HOST:PORT\n"           \
    "      --allow-sys[=NAME,..]      learn about the machine; NAME is hostname, os, cpus,\n"      \
    "                                 memory, load or uptime\n"                                    \
    "      --allow-eval               make code from strings\n"                                    \
    "      --allow-wasm               use WebAssembly\n"                                           \
    "      --allow-shared-memory      use SharedArrayBuffer and Atomics.wait\n"                    \
    "      --allow-fine-clock         see clocks finer than 1 ms, file times than 1 s\n"           \
    "      --deny-KIND[=VALUE,..]     deny; KIND is read, write, net, env, import or sys\n"        \
    "  -A, --allow-all                every kind and switch, as --permissions=all; /proc,\n"       \
    "                                 /sys and /dev still need to be named, and nested\n"          \
    "                                 workers get theirs by --worker-permissions\n"                \
    "      --permissions=TEXT         as one text: 'read=/data;deny-read=/data/key;wasm'\n"        \
    "      --worker-permissions=WHAT  what nested workers may do that are not told: none\n"        \
    "                                 (default), or inherit: what their parent may\n"              \
    "      --audit=FILE               append each decision to FILE as a line of JSON; '-' is\n"    \
    "                                 standard error\n"                                            \
    "\n"                                                                                           \
    "Modules:\n"                                                                                   \
    "      --module-root=DIR          files at and below DIR may be imported without\n"            \
    "                                 --allow-read (default: %s)\n"                                \
    "      --import-map=FILE          an import map (JSON)\n"                                      \
    "      --lock=FILE                code over http(s) must be what FILE says it is\n"            \
    "      --lock-write               add to that file what it does not know\n"                    \
    "      --reload                   fetch anew what is in the cache\n"                           \
    "      --cached-only              use nothing but the cache\n"                                 \
    "      --cache-dir=DIR            the cache of code over http(s) (default:\n"                  \
    "                                 $XDG_CACHE_HOME/cay or $HOME/.cache/cay)\n"                  \
    "      --no-cache                 keep no such code\n"                                         \
    "\n"                                                                                           \
    "Limits: a SIZE is a number with K, M or G, a TIME one with ms, s, m or h; all but stack\n"    \
    "and depth take 'unlimited'. Memory, CPU, workers and output are counted with those of\n"      \
    "the workers below the script.\n"                                                              \
    "      --max-memory=SIZE          heap, array buffers, WebAssembly, waiting messages and\n"    \
    "                                 all else that is held (default: 64M)\n"                      \
    "      --max-heap=SIZE            the engine's heap alone (default: as --max-memory)\n"        \
    "      --max-cpu=TIME             CPU over its life (default: unlimited)\n"                    \
    "      --max-turn-cpu=TIME        CPU of a turn: a task and its microtasks (default: 1s)\n"    \
    "      --max-wall=TIME            from start to end (default: unlimited)\n"                    \
    "      --max-idle=TIME            without anything to do (default: unlimited)\n"               \
    "      --max-startup=TIME         until the module has been evaluated (default: 30s)\n"        \
    "      --max-stack=SIZE           64K to 1.5M (default: 1M)\n"                                 \
    "      --max-queue=N              messages that wait for it (default: 10000)\n"                \
    "      --max-queue-bytes=SIZE     bytes of these (default: 16M)\n"                             \
    "      --max-ports=N              ports that it holds (default: 1000)\n"                       \
    "      --max-timers=N             timers that are set (default: 10000)\n"                      \
    "      --max-ops=N                operations in flight (default: 10000)\n"                     \
    "      --max-workers=N            workers alive below it; 0: none (default: 16)\n"             \
    "      --max-depth=N              how deep they nest, at most 64 (default: 16)\n"              \
    "      --max-output=SIZE          what console prints; the rest is dropped (default:\n"        \
    "                                 unlimited)\n"                                                \
    "      --soft-limit=PERCENT       of a limit, at which the script is told (default: 80)\n"     \
    "      --grace=TIME               CPU of the last slice, in which a script that never\n"       \
    "                                 pauses is told, up to 1s (default: a tenth of the\n"         \
    "                                 limit, from 5ms to 50ms)\n"                                  \
    "\n"                                                                                           \
    "Other:\n"                                                                                     \
    "      --name=NAME                the script's `name`\n"                                       \
    "      --uncaught=WHAT            terminate: an uncaught error ends the script (default);\n"   \
    "                                 report: it is printed and the script goes on\n"              \
    "      --threads=N                threads that run scripts (default: one for each CPU)\n"      \
    "      --io-threads=N             threads that work on files (default: 4)\n"                   \
    "      --ca-file=FILE             certificates (PEM) to verify servers with (default: the\n"   \
    "                                 system's)\n"                                                 \
    "      --wall=isolate             what stands around the script: the isolate, the only\n"      \
    "                                 one of this build\n"                                         \
    "      --events=json[:FD]         control events, each as a line of JSON, on standard\n"       \
    "                                 error in place of error reports, or on descriptor FD\n"      \
    "                                 beside them\n"                                               \
    "      --stats                    at the end a table of what was used, on standard error;\n"   \
    "                                 with --events a line of JSON among these\n"                  \
    "      --color=WHEN               auto, always or never colour error reports; auto: on a\n"    \
    "                                 terminal, when NO_COLOR is not set\n"                        \
    "      --v8-flags=FLAGS           flags of the engine, separated by spaces\n"                  \
    "  -q, --quiet                    no error reports, only the exit code\n"                      \
    "  -h, --help                     this text\n"

static const char run[] =
    "cay run [options] FILE|URL|- [args...]\n"
    "\n"
    "Runs a JavaScript module until it has nothing left to do. What follows FILE is in\n"
    "cay.args. '-' reads the module from standard input.\n"
    "\n" OPTIONS;

static const char eval[] =
    "cay eval [options] CODE [args...]\n"
    "\n"
    "Runs CODE as a module; relative imports start at the working directory. What\n"
    "follows CODE is in cay.args.\n"
    "\n" OPTIONS;

static const char info[] =
    "cay info [--json]\n"
    "\n"
    "Tells the versions, the walls and the limits of this build on this machine.\n"
    "\n"
    "      --json                 as one JSON object\n"
    "  -h, --help                 this text\n";

static const char help[] = "cay help [COMMAND]\n";

int cay__cli_unknown_command(const char *word) {
    if (word[0] == '-') {
        cay__cli_say_about("unknown option ", word, " (see 'cay --help')");
    } else if (strchr(word, '.') || strchr(word, '/')) {
        cay__cli_say_about("\"", word, "\" is not a command; to run a file: cay run FILE");
    } else {
        cay__cli_say_about("\"", word, "\" is not a command (see 'cay --help')");
    }
    return CAY_CLI_USAGE;
}

int cay__cli_help_print(const char *command) {
    cay_cli_text_t t = {0};
    if (!command) {
        cay__cli_puts(&t, whole);
    } else if (strcmp(command, "run") == 0) {
        cay__cli_putf(&t, run, "the module's directory");
    } else if (strcmp(command, "eval") == 0) {
        cay__cli_putf(&t, eval, "the working directory");
    } else if (strcmp(command, "info") == 0) {
        cay__cli_puts(&t, info);
    } else if (strcmp(command, "help") == 0) {
        cay__cli_puts(&t, help);
    } else {
        return cay__cli_unknown_command(command);
    }
    int rc = cay__cli_out_write(STDOUT_FILENO, t.ptr, t.len);
    cay__cli_text_free(&t);
    return rc ? CAY_CLI_FAILED : CAY_CLI_OK;
}

int cay__cli_help(int argc, char **argv) {
    if (argc > 2) {
        cay__cli_say("help takes one command");
        return CAY_CLI_USAGE;
    }
    bool wants_own = argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    return cay__cli_help_print(wants_own ? "help" : argc == 2 ? argv[1] : NULL);
}
