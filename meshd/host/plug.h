/* plug.h - has a serial port appeared?
 *
 * Watches /dev and the folders of devices that somebody names (/dev/serial/by-id comes
 * and goes itself).  Says only that something is new there: whoever waits for a device
 * tries it then, and at its own pace without us.  Floor 6.  Edge. */
#ifndef HOST_PLUG_H
#define HOST_PLUG_H
#include "types.h"

struct plug;
struct plug *plug_new(void); /* NULL: no inotify, or no memory */
void plug_free(struct plug *p);
int plug_fd(const struct plug *p); /* readable: ask plug_take */
/* Also the folder of this device, if it is there. */
void plug_want(struct plug *p, struct text_view device);
bool plug_take(struct plug *p); /* true: something appeared since the last time */
#endif
