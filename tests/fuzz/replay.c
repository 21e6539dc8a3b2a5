/* replay.c - feeds every file of a corpus to a fuzz target, as a test each.
 *
 * Prints TAP, as the unit tests do, so that one reader counts both.  A target that crashes ends the
 * process: that is the failure. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* The whole file; NULL and a message if it can't be read.  The buffer is exactly as large as the
 * file, so that ASan sees a read past its end. */
static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    long end;

    if (file == NULL || fseek(file, 0, SEEK_END) < 0 || (end = ftell(file)) < 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    rewind(file);
    *size = (size_t)end;
    data = malloc(*size > 0 ? *size : 1);
    if (data == NULL || fread(data, 1, *size, file) != *size) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    (void)fclose(file);
    return data;
}

static void replay(const char *folder, const char *name, int number)
{
    char path[4096];
    uint8_t *data;
    size_t size;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    printf("# %s\n", name);
    data = read_file(path, &size);
    (void)LLVMFuzzerTestOneInput(data, size);
    free(data);
    printf("ok %d - %s\n", number, name);
}

int main(int argc, char **argv)
{
    struct dirent **entries = NULL;
    int count;

    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
        return EXIT_FAILURE;
    }
    count = scandir(argv[1], &entries, is_visible, alphasort);
    if (count <= 0) {
        (void)fprintf(stderr, "%s: no corpus\n", argv[1]);
        return EXIT_FAILURE;
    }

    /* unbuffered: the last line names the file that crashed */
    (void)setvbuf(stdout, NULL, _IONBF, 0);
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        replay(argv[1], entries[i]->d_name, i + 1);
        free(entries[i]);
    }
    free(entries);
    return EXIT_SUCCESS;
}
