/* settings.c - prints the settings as sections of a manual page; run by the build. */
#include <stdio.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "config/settings.h"

int main(void)
{
    CLEANUP(buf_free) struct buf text = {0};

    settings_describe(SETTINGS_AS_ROFF, &text);
    return fputs(buf_text(&text), stdout) < 0;
}
