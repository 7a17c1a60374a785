/* qr.h - a text as a QR code of half blocks, for a terminal.
 *
 * One character is two modules, one above the other, so 400 letters are at most 80
 * columns wide.  Light modules are drawn, with the quiet zone of four that readers
 * want; on a terminal the colours are said as well, so that it is dark on light
 * whatever the theme.  Floor 11. */
#ifndef MESHCTL_QR_H
#define MESHCTL_QR_H
#include <stdbool.h>

/* False: the text is too long. */
bool qr_print(const char *text, bool colours);
#endif
