#include "config/yaml_problem.h"

/* libyaml counts the lines of everything but bytes it cannot decode. */
size_t yaml_problem_line(const yaml_parser_t *parser, const char *text, size_t length)
{
    size_t line = 1;

    if (parser->error != YAML_READER_ERROR)
        return parser->problem_mark.line + 1;
    for (size_t i = 0; i < parser->problem_offset && i < length; i++)
        line += text[i] == '\n';
    return line;
}
