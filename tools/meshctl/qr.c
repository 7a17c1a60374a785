#include "qr.h"
#include <qrencode.h>
#include <stdio.h>

enum { QUIET = 4 };

/* Outside all is light, but below the last line, where nothing is drawn. */
static bool
is_light(const QRcode *code, int x, int y)
{
	bool inside = x >= 0 && y >= 0 && x < code->width && y < code->width;
	if (!inside)
		return y < code->width + QUIET;
	return (code->data[y * code->width + x] & 1) == 0;
}

static void
print_line(const QRcode *code, int y, bool colours)
{
	static const char *const blocks[2][2] = { { " ", "\u2584" },
		{ "\u2580", "\u2588" } };
	fputs(colours ? "\033[40;97m" : "", stdout);
	for (int x = -QUIET; x < code->width + QUIET; x++)
		fputs(blocks[is_light(code, x, y)][is_light(code, x, y + 1)], stdout);
	fputs(colours ? "\033[0m\n" : "\n", stdout);
}

bool
qr_print(const char *text, bool colours)
{
	QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
	if (code == NULL)
		return false;
	for (int y = -QUIET; y < code->width + QUIET; y += 2)
		print_line(code, y, colours);
	QRcode_free(code);
	return true;
}
