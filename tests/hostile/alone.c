/* SPDX-License-Identifier: MIT */
#include "alone.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../e2e/host.h"

extern char **environ;

/* Its standard output, read to the end. */
static FILE *start(const char *folder, const attack_t *a, pid_t *pid) {
    char *const args[] = {(char *)"hostile", (char *)"--here", (char *)"--only",
                          (char *)a->name,   (char *)folder,   NULL};
    int ends[2];
    posix_spawn_file_actions_t actions;
    if (pipe2(ends, O_CLOEXEC)) {
        return NULL;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    int rc = posix_spawn(pid, "/proc/self/exe", &actions, NULL, args, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (rc) {
        close(ends[0]);
        errno = rc;
        return NULL;
    }
    return fdopen(ends[0], "r");
}

/* The attack's own line in the table, and the one after it when it failed. */
static void read_row(FILE *f, const attack_t *a, outcome_t *out) {
    char line[512], mark[8], name[64], got[32];
    while (fgets(line, sizeof line, f)) {
        double ms, neighbour;
        if (sscanf(line, "%7s %63s %*s %31s %lf %lf", mark, name, got, &ms, &neighbour) != 5 ||
            strcmp(name, a->name) != 0) {
            continue;
        }
        out->got = attack_reason_named(got);
        out->ms = ms;
        out->neighbour_ms = neighbour;
        if (strcmp(mark, "ok") != 0 && fgets(line, sizeof line, f)) {
            line[strcspn(line, "\n")] = 0;
            snprintf(out->why, sizeof out->why, "%.300s", line + strspn(line, " "));
        }
    }
}

void alone_run(const char *folder, const attack_t *a, outcome_t *out) {
    pid_t pid;
    int status = 0;
    *out = (outcome_t){.got = "none"};
    FILE *f = start(folder, a, &pid);
    if (!f) {
        snprintf(out->why, sizeof out->why, "no process for it: %s", strerror(errno));
        return;
    }
    read_row(f, a, out);
    fclose(f);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    if (WIFSIGNALED(status)) {
        snprintf(out->why, sizeof out->why, "the process died of signal %d", WTERMSIG(status));
    } else if (WEXITSTATUS(status) && !out->why[0]) {
        snprintf(out->why, sizeof out->why, "the process ended with code %d", WEXITSTATUS(status));
    }
}
