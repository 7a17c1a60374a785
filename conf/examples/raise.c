/* Raise an alert at all sites: cc -o raise raise.c; ./raise RUN-FOLDER PORT KIND TEXT
 */
#include "meshd_client.h"
#include <stdlib.h>

int
main(int argc, char **argv)
{
	char members[600], answer[1300] = "";
	int app = argc == 5 ? meshd_open("127.0.0.1", (unsigned short)atoi(argv[2]))
			    : -1;
	if (app < 0) {
		perror("raise RUN-FOLDER PORT KIND TEXT");
		return 2;
	}
	snprintf(members, sizeof members, "\"kind\":\"%s\",\"text\":\"%s\"", argv[3],
	    argv[4]);
	if (meshd_do(app, argv[1], "raise", members, answer, sizeof answer) != 0) {
		fprintf(stderr, "raise: %s\n",
		    answer[0] != '\0' ? answer : strerror(errno));
		return 1;
	}
	return 0;
}
