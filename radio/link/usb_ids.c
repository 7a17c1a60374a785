#include "usb_ids.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum {
	UPWARDS = 4, /* from a port to its USB device: interface, perhaps port */
	PLACE = 512
};

static const struct usb_board boards[] = {
	{ 0x10c4, 0xea60, "CP210x, as on Heltec and TTGO boards", false, false,
	    115200 },
	{ 0x1a86, 0x7523, "CH340, as on T-Beam and T-LoRa boards", false, false,
	    115200 },
	{ 0x1a86, 0x55d4, "CH9102, as on T-Beam and Heltec boards", false, false,
	    115200 },
	{ 0x303a, 0, "ESP32 with USB of its own", true, false, 115200 },
	{ 0x239a, 0, "nRF52 with the Adafruit loader, as RAK4631", true, false,
	    115200 },
	{ 0x2886, 0, "Seeed boards", true, false, 115200 },
	{ 0x2e8a, 0, "RP2040 and RP2350 boards", true, false, 115200 },
};

const struct usb_board *
usb_board(uint16_t vendor, uint16_t product)
{
	for (size_t i = 0; i < LENGTH(boards); i++)
		if (boards[i].vendor == vendor &&
		    (boards[i].product == 0 || boards[i].product == product))
			return &boards[i];
	return NULL;
}

/* The first line of DIR/NAME; "" if there is none. */
static void
read_line(const char *dir, const char *name, char *out, size_t cap)
{
	char path[PLACE];
	out[0] = '\0';
	if ((size_t)snprintf(path, sizeof path, "%s/%s", dir, name) >= sizeof path)
		return;
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return;
	if (fgets(out, (int)cap, f) == NULL)
		out[0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	fclose(f);
}

static uint16_t
read_id(const char *dir, const char *name)
{
	char line[USB_TEXT];
	read_line(dir, name, line, sizeof line);
	return (uint16_t)strtoul(line, NULL, 16);
}

/* The USB device above DIR/device, made `path`.  False: it is not on USB. */
static bool
find_usb(const char *dir, char *path)
{
	char below[PLACE];
	if ((size_t)snprintf(below, sizeof below, "%s/device", dir) >= sizeof below)
		return false;
	char *real = realpath(below, NULL), *end = real;
	bool found = false;
	for (int i = 0; i < UPWARDS && end != NULL && strlen(real) < PLACE; i++) {
		found = read_id(real, "idVendor") != 0;
		if (found)
			break;
		end = strrchr(real, '/');
		if (end != NULL)
			*end = '\0';
	}
	if (found)
		snprintf(path, PLACE, "%s", real);
	free(real);
	return found;
}

const struct usb_board *
usb_board_at(const char *sys, int fd)
{
	char dir[PLACE], usb[PLACE];
	struct stat st;
	if (fstat(fd, &st) != 0 || !S_ISCHR(st.st_mode))
		return NULL;
	int len = snprintf(dir, sizeof dir, "%s/dev/char/%u:%u",
	    sys != NULL ? sys : "/sys", major(st.st_rdev), minor(st.st_rdev));
	if ((size_t)len >= sizeof dir || !find_usb(dir, usb))
		return NULL;
	return usb_board(read_id(usb, "idVendor"), read_id(usb, "idProduct"));
}

/* DEVNAME of the uevent: where the system put it below /dev. */
static bool
find_path(const char *dir, char *out)
{
	static const char key[] = "DEVNAME=";
	char path[PLACE], line[USB_TEXT];
	bool found = false;
	if ((size_t)snprintf(path, sizeof path, "%s/uevent", dir) >= sizeof path)
		return false;
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof line, f) != NULL)
		found = strncmp(line, key, sizeof key - 1) == 0;
	fclose(f);
	if (!found)
		return false;
	line[strcspn(line, "\n")] = '\0';
	return snprintf(out, USB_TEXT, "/dev/%s", line + sizeof key - 1) < USB_TEXT;
}

static bool
read_port(const char *dir, struct usb_port *out)
{
	char usb[PLACE];
	*out = (struct usb_port){ .vendor = 0 };
	if (!find_usb(dir, usb) || !find_path(dir, out->path))
		return false;
	out->vendor = read_id(usb, "idVendor");
	out->product = read_id(usb, "idProduct");
	read_line(usb, "manufacturer", out->maker, sizeof out->maker);
	read_line(usb, "product", out->model, sizeof out->model);
	read_line(usb, "serial", out->serial, sizeof out->serial);
	out->board = usb_board(out->vendor, out->product);
	return true;
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(
	    ((const struct usb_port *)a)->path, ((const struct usb_port *)b)->path);
}

size_t
usb_ports(const char *sys, struct usb_port *out, size_t cap)
{
	char all[PLACE], dir[PLACE];
	size_t count = 0;
	snprintf(all, sizeof all, "%s/class/tty", sys != NULL ? sys : "/sys");
	DIR *d = opendir(all);
	if (d == NULL)
		return 0;
	for (struct dirent *e; count < cap && (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.' ||
		    (size_t)snprintf(dir, sizeof dir, "%s/%s", all, e->d_name) >=
			sizeof dir)
			continue;
		count += read_port(dir, &out[count]);
	}
	closedir(d);
	qsort(out, count, sizeof *out, by_path);
	return count;
}
