/* yaml_problem.h - where libyaml stopped: for whoever reads an administrator's file with it. */
#ifndef SCIMD_CONFIG_YAML_PROBLEM_H
#define SCIMD_CONFIG_YAML_PROBLEM_H

#include <stddef.h>
#include <yaml.h>

/* The line, from 1, of what a failed yaml_parser_parse() did not like in `text`. */
size_t yaml_problem_line(const yaml_parser_t *parser, const char *text, size_t length);

#endif
