/* Print every alert of the mesh: cc -o alerts alerts.c */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

static const char subscribe[] =
    "{\"op\":\"sub\",\"v\":1,\"name\":\"alerts.c\",\"topics\":[\"alert\"],\"ttl\":120}";

int
main(int argc, char **argv)
{
	struct sockaddr_in meshd = { .sin_family = AF_INET };
	struct timeval patience = { .tv_sec = 5 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	time_t renew = 0;

	meshd.sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 4471));
	meshd.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&meshd, sizeof meshd) != 0) {
		perror("socket");
		return 1;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	for (;;) {
		char message[2048];
		ssize_t n;
		if (time(NULL) >= renew) {
			send(fd, subscribe, strlen(subscribe), 0);
			renew = time(NULL) + 60;
		}
		n = recv(fd, message, sizeof message - 1, 0);
		if (n <= 0)
			continue; /* silence, or meshd is not there yet */
		message[n] = '\0';
		if (strstr(message, "\"kind\"") != NULL) {
			printf("%s\n", message);
			fflush(stdout);
		}
	}
}
