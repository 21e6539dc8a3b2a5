/* main.c - scimctl: a table of commands. */
#include <curl/curl.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "ctl/client.h"
#include "ctl/commands.h"

static const struct command commands[] = {
    {"tenant create",     "NAME",              "make a tenant",                               1, 1, OPTION_DATABASE,              command_tenant_create    },
    {"tenant list",       "",                  "all tenants",                                 0, 0, 0,                            command_tenant_list      },
    {"tenant show",       "NAME",              "one tenant",                                  1, 1, 0,                            command_tenant_show      },
    {"tenant suspend",    "NAME",              "answer its requests with 403",                1, 1, 0,                            command_tenant_suspend   },
    {"tenant resume",     "NAME",              "serve it again",                              1, 1, 0,                            command_tenant_resume    },
    {"tenant delete",     "NAME",              "remove it with all its data",                 1, 1, OPTION_YES,
     command_tenant_delete                                                                                                                                 },
    {"token create",      "TENANT",            "make a bearer token; it is shown once",       1, 1,
     OPTION_NAME | OPTION_EXPIRES | OPTION_CONNECTION,                                                                            command_token_create     },
    {"token list",        "TENANT",            "its tokens, without their secret part",       1, 1, 0,                            command_token_list       },
    {"token revoke",      "TENANT ID",         "end a token at once",                         2, 2, 0,                            command_token_revoke     },
    {"connection create", "TENANT NAME",       "another client with its own profile",         2, 2,
     OPTION_PROFILE,                                                                                                              command_connection_create},
    {"connection list",   "TENANT",            "its SCIM clients",                            1, 1, 0,                            command_connection_list  },
    {"connection show",   "TENANT NAME",       "one client, and the tolerances it needed",    2, 2, 0,
     command_connection_show                                                                                                                               },
    {"connection set",    "TENANT NAME",       "change a client's profile",                   2, 2, OPTION_PROFILE,
     command_connection_set                                                                                                                                },
    {"connection delete", "TENANT NAME",       "a client and its tokens",                     2, 2, 0,
     command_connection_delete                                                                                                                             },
    {"schema add",        "TENANT FILE",       "an extension, or a resource type of its own", 2, 2,
     OPTION_EXTENDS | OPTION_REQUIRED | OPTION_ENDPOINT | OPTION_NAME,                                                            command_schema_add       },
    {"schema list",       "TENANT",            "files added to the standard ones",            1, 1, 0,                            command_schema_list      },
    {"schema remove",     "TENANT NAME",       "a file that nothing uses any more",           2, 2, 0,
     command_schema_remove                                                                                                                                 },
    {"source apply",      "TENANT -f FILE",    "a directory to pull from, as a file says",    1, 1,
     OPTION_FILE | OPTION_DRY_RUN | OPTION_PAUSED,                                                                                command_source_apply     },
    {"source list",       "TENANT",            "its sources and how they are",                1, 1, 0,                            command_source_list      },
    {"source show",       "TENANT/SOURCE",     "one source, and objects with a problem",      1, 1, 0,
     command_source_show                                                                                                                                   },
    {"source test",       "TENANT/SOURCE",     "try all that a run needs, step by step",      1, 1, OPTION_FILE,
     command_source_test                                                                                                                                   },
    {"source preview",    "TENANT/SOURCE",     "some objects, raw and mapped side by side",   1, 1,
     OPTION_FILE,                                                                                                                 command_source_preview   },
    {"source pause",      "TENANT/SOURCE",     "read nothing until it is resumed",            1, 1, 0,
     command_source_pause                                                                                                                                  },
    {"source resume",     "TENANT/SOURCE",     "run on schedule again",                       1, 1, 0,                            command_source_resume    },
    {"source delete",     "TENANT/SOURCE",     "forget a source; its people stay",            1, 1, OPTION_YES,
     command_source_delete                                                                                                                                 },
    {"resync",            "TENANT/SOURCE",     "read the source now",                         1, 1,
     OPTION_FULL | OPTION_DRY_RUN | OPTION_FOLLOW | OPTION_OBJECT | OPTION_GROUP,                                                 command_resync           },
    {"run list",          "[TENANT[/SOURCE]]", "what was read, the newest first",             0, 1, OPTION_LIMIT,
     command_run_list                                                                                                                                      },
    {"run show",          "ID",                "one run; --follow waits for its end",         1, 1, OPTION_FOLLOW,
     command_run_show                                                                                                                                      },
    {"run plan",          "ID",                "what it would change, line by line",          1, 1, 0,                            command_run_plan         },
    {"run approve",       "ID --plan HASH",    "carry out what waits for approval",           1, 1,
     OPTION_PLAN | OPTION_FOLLOW,                                                                                                 command_run_approve      },
    {"run reject",        "ID",                "drop what waits for approval",                1, 1, 0,                            command_run_reject       },
    {"run cancel",        "ID",                "end a run under way",                         1, 1, 0,                            command_run_cancel       },
    {"secret set",        "TENANT NAME",       "store what standard input says",              2, 2, 0,                            command_secret_set       },
    {"secret list",       "TENANT",            "names of its secrets",                        1, 1, 0,                            command_secret_list      },
    {"secret delete",     "TENANT NAME",       "a secret that no source needs",               2, 2, 0,
     command_secret_delete                                                                                                                                 },
    {"user list",         "TENANT",            "its people",                                  1, 1, OPTION_FILTER | OPTION_LIMIT, command_user_list        },
    {"user show",         "TENANT NAME|ID",    "a person, and where each value is from",      2, 2, 0,
     command_user_show                                                                                                                                     },
    {"group list",        "TENANT",            "its groups",                                  1, 1, OPTION_FILTER | OPTION_LIMIT, command_group_list       },
    {"group show",        "TENANT NAME|ID",    "a group, and where it is from",               2, 2, 0,                            command_group_show       },
    {"log",               "TENANT",            "every change: what, when, by whom",           1, 1, OPTION_FOLLOW | OPTION_AFTER,
     command_log                                                                                                                                           },
    {"status",            "",                  "the daemon at a glance",                      0, 0, 0,                            command_status           },
    {"doctor",            "",                  "each database, and what is wrong with it",    0, 0, 0,                            command_doctor           },
};

int main(int argc, char **argv)
{
    struct invocation invocation = {0};
    const struct command *command = NULL;
    struct err err = {0};
    int status =
        invocation_read(commands, ARRAY_LENGTH(commands), argc, argv, &invocation, &command);

    if (status >= 0)
        return status;
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    if (client_new(invocation.options.socket, &invocation.client, &err) == 0)
        status = command->run(&invocation, &err);
    if (status < 0) {
        (void)fprintf(stderr, "scimctl: %s\n", err.detail);
        status = (int)invocation_status(err.code);
    }
    client_free(invocation.client);
    curl_global_cleanup();
    return status;
}
