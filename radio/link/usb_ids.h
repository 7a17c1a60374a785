/* usb_ids.h - serial ports on USB, and the boards that are worth talking to.
 *
 * The chips of radios are in many other things, too: a port is listed whatever it is,
 * but nothing is ever written to one whose id is not in this table unless an operator
 * names it.  DTR and RTS are what each kind of board bears: chips beside an ESP32 have
 * both wired to its reset, USB within the controller wants DTR.  Source: sysfs; the
 * radios' own flashing tools.  Floor 1.  Edge: reads sysfs. */
#ifndef RADIO_USB_IDS_H
#define RADIO_USB_IDS_H
#include "types.h"

enum { USB_PORTS_MAX = 32, USB_TEXT = 64 };
struct usb_board {
	uint16_t vendor, product; /* product 0: all of that vendor */
	const char *name;
	bool dtr, rts;
	uint32_t baud;
};
struct usb_port {
	char path[USB_TEXT]; /* "/dev/ttyUSB0" */
	uint16_t vendor, product;
	char maker[USB_TEXT], model[USB_TEXT], serial[USB_TEXT]; /* "": not told */
	const struct usb_board *board; /* NULL: not known, never written to */
};
const struct usb_board *usb_board(uint16_t vendor, uint16_t product); /* or NULL */
/* Of the board behind an open serial port; NULL: none that is known.  `sys` is where
 * sysfs is, NULL: /sys. */
const struct usb_board *usb_board_at(const char *sys, int fd);
/* Serial ports on USB, by path. */
size_t usb_ports(const char *sys, struct usb_port *out, size_t cap);
#endif
