#include "radio_taken.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	V4_HEX = 8,
	V6_HEX = 32,
	WORD_HEX = 8,
	LINE = 256,
	TABLE_MOST = 1 << 20,
	ESTABLISHED = 1,
	SYN_SENT = 2
};

/* As the system prints it: words of four bytes in the machine's own order. */
static void
print_words(char *to, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i += sizeof(uint32_t)) {
		uint32_t word;
		memcpy(&word, bytes + i, sizeof word);
		snprintf(to + 2 * i, WORD_HEX + 1, "%08X", (unsigned)word);
	}
}

/* Both ways to write it, the IPv4 address mapped in IPv6 is one of them. */
static bool
print_address(const char *host, char v4[V4_HEX + 1], char v6[V6_HEX + 1])
{
	uint8_t bytes[16] = { [10] = 0xff, [11] = 0xff };
	v4[0] = '\0';
	if (inet_pton(AF_INET, host, bytes + 12) == 1)
		print_words(v4, bytes + 12, 4);
	else if (inet_pton(AF_INET6, host, bytes) != 1)
		return false;
	print_words(v6, bytes, sizeof bytes);
	return true;
}

/* " 0: 0100007F:9C40 0100007F:1133 01 00000000:00000000 00:00000000 00000000  1000 ..."
 */
static bool
is_there(const char *line, const char *address, uint16_t port, unsigned *uid)
{
	char wanted[V6_HEX + 8], fields[8][48];
	int count = sscanf(line, " %47s %47s %47s %47s %47s %47s %47s %47s", fields[0],
	    fields[1], fields[2], fields[3], fields[4], fields[5], fields[6],
	    fields[7]);
	snprintf(wanted, sizeof wanted, "%s:%04X", address, (unsigned)port);
	if (count != (int)(sizeof fields / sizeof fields[0]) ||
	    strcmp(fields[2], wanted) != 0)
		return false;
	unsigned long state = strtoul(fields[3], NULL, 16);
	*uid = (unsigned)strtoul(fields[7], NULL, 10);
	return state == ESTABLISHED || state == SYN_SENT;
}

bool
radio_taken_in(const char *table, const char *host, uint16_t port, unsigned *uid)
{
	char v4[V4_HEX + 1], v6[V6_HEX + 1], line[LINE];
	if (!print_address(host, v4, v6))
		return false;
	for (const char *at = table, *end; *at != '\0'; at = end + (*end == '\n')) {
		end = strchrnul(at, '\n');
		snprintf(line, sizeof line, "%.*s", (int)(end - at), at);
		if ((v4[0] != '\0' && is_there(line, v4, port, uid)) ||
		    is_there(line, v6, port, uid))
			return true;
	}
	return false;
}

static bool
look(const char *path, const struct radio_place *p, unsigned *uid)
{
	char *table = malloc(TABLE_MOST);
	FILE *file = fopen(path, "re");
	size_t len = 0;
	if (table != NULL && file != NULL)
		len = fread(table, 1, TABLE_MOST - 1, file);
	bool taken = false;
	if (len > 0) {
		table[len] = '\0';
		taken = radio_taken_in(table, p->host, p->at.port, uid);
	}
	if (file != NULL)
		fclose(file);
	free(table);
	return taken;
}

bool
radio_taken(const struct radio_place *p, unsigned *uid)
{
	return p->device[0] == '\0' &&
	    (look("/proc/net/tcp", p, uid) || look("/proc/net/tcp6", p, uid));
}
