/* radio_backup.h - a radio's settings as a file that can be restored, and as lines.
 *
 * The file is one JSON object, `meshd.radio_backup/1`: of which node it is, and
 * `settings`, an object by section.  A secret that was left out is null there, which a
 * restore reads as "leave it as it is".  Floor 11. */
#ifndef MESHCTL_RADIO_BACKUP_H
#define MESHCTL_RADIO_BACKUP_H
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From the items of meshd.radio_config/1 and the radio as `radio show` tells it; the
 * caller's.  What the radio has not told is left out. */
json_t *radio_backup_make(const json_t *items, const json_t *radio, int64_t now_ms);
/* How many values are null in it: secrets that were left out. */
size_t radio_backup_secrets(json_t *settings);
/* NULL: `why` says what is wrong with the file. */
json_t *radio_backup_read(const char *path, char *why, size_t cap);
/* {"lora": {"region": "EU_868"}} as items {name: "lora.region", value: ...}. */
json_t *radio_backup_lines(const json_t *items);
#endif
