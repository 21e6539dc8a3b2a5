#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "ctl/commands.h"
#include "ctl/follow.h"
#include "ctl/output.h"

static json_t *request_of(const struct options *options)
{
    return json_pack("{s:b, s:b, s:b, s:s*}", "full", (int)options->full, "dry_run",
                     (int)options->dry_run, "group", (int)options->group, "object",
                     options->object);
}

static void tell_asked(const struct options *options, const struct followed_source *source,
                       int64_t run)
{
    const char *what = options->object != NULL ? "one object"
                       : options->full         ? "a full pass"
                                               : "what changed";

    (void)printf("asked for %s of %s/%s%s\n", what, source->tenant, source->name,
                 options->dry_run ? ", as a dry run" : "");
    if (run > 0)
        (void)printf("look: scimctl run show %" PRId64 " --follow\n", run);
    else
        (void)printf("look: scimctl run list %s/%s\n", source->tenant, source->name);
}

int command_resync(struct invocation *invocation, struct err *err)
{
    const struct options *options = &invocation->options;
    CLEANUP(json_decrefp) json_t *answer = NULL;
    char tenant[NAME_BYTES];
    char name[NAME_BYTES];
    struct followed_source source = {.tenant = tenant, .name = name};
    int64_t run;

    if (options->full && options->object != NULL)
        return err_set(err, ERR_BAD_REQUEST, "--full and --object exclude each other");
    if (options->group && options->object == NULL)
        return err_set(err, ERR_BAD_REQUEST, "--group goes with --object");
    if (command_source_name(invocation->arguments[0], tenant, name, err) < 0 ||
        follow_newest(invocation, &source, &source.after, err) < 0 ||
        command_call(invocation, "POST", SEGMENTS("tenants", tenant, "sources", name, "resync"),
                     request_of(options), &answer, err) < 0)
        return -1;
    run = json_integer_value(json_object_get(answer, "run"));
    if (!options->follow) {
        if (options->json)
            output_json(answer);
        else
            tell_asked(options, &source, run);
        return STATUS_DONE;
    }
    if (run == 0 && follow_begin(invocation, &source, &run, err) < 0)
        return -1;
    return run == 0 ? STATUS_INTERRUPTED : follow_run(invocation, run, err);
}
