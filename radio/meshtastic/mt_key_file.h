/* mt_key_file.h - the keys that a site was given beside those in its radio.
 *
 * One a line; empty lines and `#` comments are nothing:
 *
 *     channel NAME BASE64   as in the apps: the channel's name and its key ("AQ==")
 *     secret BASE64         a node's private key: direct messages to it, or by it
 *
 * Floor 2.  Pure. */
#ifndef RADIO_MT_KEY_FILE_H
#define RADIO_MT_KEY_FILE_H
#include "mt_keys.h"

/* Adds to `out`.  False: `complaint` says "line 3: ..."; lines before it were taken. */
bool mt_key_file_read(
    struct text_view file, struct mt_keys *out, struct bytes_out *complaint);
#endif
