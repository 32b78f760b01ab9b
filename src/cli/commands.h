/* SPDX-License-Identifier: MIT */
/* What main() chooses from. Each takes argv from its own name on and gives the exit code. */
#ifndef CAY_CLI_COMMANDS_H
#define CAY_CLI_COMMANDS_H

int cay__cli_run(int argc, char **argv);
int cay__cli_eval(int argc, char **argv);
int cay__cli_info(int argc, char **argv);
int cay__cli_help(int argc, char **argv);

/** Prints the help of a command on standard output; NULL for the whole. 0, or 2 for an unknown one. */
int cay__cli_help_print(const char *command);
/** The one line for a word that is no command. */
int cay__cli_unknown_command(const char *word);

#endif
