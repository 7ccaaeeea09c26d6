/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens fresh TLS connections one after another (or -c at a time, by
 * processes), sends one request on each, reads to the end.  Used by the soak
 * test and by the benchmark.
 *
 *	bench_client [-n COUNT] [-c PROCS] [-s NAME] [-C CAFILE] [-2]
 *	    [-i ISSUER] [-u] [-R] ADDRESS PORT
 *
 * -u makes each name new: N.NAME.  -i demands this text in the issuer.  -R
 * resumes the session of the connection before.  Prints "ok=N errors=N
 * seconds=S", with -c 1 also resumed=N, and exits 1 when there were errors.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char	*name = "github.com", *issuer, *addr, *port;
static int		 unique, reuse;
static long		 errors_shown, n_resumed;
static SSL_SESSION	*last;

static int
on_session(SSL *ssl, SSL_SESSION *s)
{
	(void)ssl;
	SSL_SESSION_free(last);
	last = s;
	return 1;
}

static int
dial(void)
{
	struct sockaddr_storage	 ss = { 0 };
	struct sockaddr_in	*in = (struct sockaddr_in *)&ss;
	struct sockaddr_in6	*in6 = (struct sockaddr_in6 *)&ss;
	struct timeval		 tv = { .tv_sec = 20 };
	int			 fd, one = 1;
	socklen_t		 len;

	if (inet_pton(AF_INET, addr, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)atoi(port));
		len = sizeof(*in);
	} else if (inet_pton(AF_INET6, addr, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)atoi(port));
		len = sizeof(*in6);
	} else
		return -1;
	fd = socket(ss.ss_family, SOCK_STREAM, 0);
	if (fd == -1)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (struct sockaddr *)&ss, len) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

static const char *
exchange(SSL *ssl, const char *host)
{
	char	 buf[16384], who[256];
	X509	*x;
	int	 n, total = 0, first = 0;

	SSL_set_tlsext_host_name(ssl, host);
	if (SSL_connect(ssl) != 1)
		return "handshake";
	x = SSL_get0_peer_certificate(ssl);
	if (x == NULL || X509_check_host(x, host, 0, 0, NULL) != 1)
		return "name";
	if (issuer != NULL) {
		X509_NAME_oneline(X509_get_issuer_name(x), who, sizeof(who));
		if (strstr(who, issuer) == NULL)
			return "issuer";
	}
	n = snprintf(buf, sizeof(buf), "GET / HTTP/1.1\r\nHost: %s\r\n"
	    "Connection: close\r\n\r\n", host);
	if (SSL_write(ssl, buf, n) != n)
		return "write";
	while ((n = SSL_read(ssl, buf, sizeof(buf))) > 0) {
		if (total == 0)
			first = n >= 12 && memcmp(buf, "HTTP/1.1 200", 12) ==
			    0;
		total += n;
	}
	if (SSL_get_error(ssl, n) != SSL_ERROR_ZERO_RETURN)
		return "end without close_notify";
	return first ? NULL : "answer";
}

static int
one(SSL_CTX *ctx, long i)
{
	char		 host[256];
	const char	*err = "connect";
	SSL		*ssl = NULL;
	int		 fd;

	if (unique)
		snprintf(host, sizeof(host), "n%d-%ld.%s", (int)getpid(), i,
		    name);
	else
		snprintf(host, sizeof(host), "%s", name);
	fd = dial();
	if (fd != -1) {
		ssl = SSL_new(ctx);
		SSL_set_fd(ssl, fd);
		if (last != NULL)
			SSL_set_session(ssl, last);
		err = exchange(ssl, host);
		n_resumed += SSL_session_reused(ssl);
		SSL_shutdown(ssl);
		SSL_free(ssl);
		close(fd);
	}
	if (err == NULL)
		return 0;
	if (errors_shown++ < 5) {
		fprintf(stderr, "connection %ld: %s: ", i, err);
		ERR_print_errors_fp(stderr);
		fprintf(stderr, "\n");
	}
	ERR_clear_error();
	return 1;
}

static long
run(SSL_CTX *ctx, long count)
{
	long bad = 0;

	for (long i = 0; i < count && bad < 1000; i++)
		bad += one(ctx, i);
	return bad;
}

int
main(int argc, char **argv)
{
	struct timespec	 a, b;
	long		 count = 100, bad = 0;
	int		 c, procs = 1, status;
	SSL_CTX		*ctx = SSL_CTX_new(TLS_client_method());

	signal(SIGPIPE, SIG_IGN);
	while ((c = getopt(argc, argv, "n:c:s:C:i:uR2")) != -1)
		switch (c) {
		case 'n': count = atol(optarg); break;
		case 'c': procs = atoi(optarg); break;
		case 's': name = optarg; break;
		case 'i': issuer = optarg; break;
		case 'u': unique = 1; break;
		case 'R': reuse = 1; break;
		case '2': SSL_CTX_set_max_proto_version(ctx,
			    TLS1_2_VERSION); break;
		case 'C':
			if (SSL_CTX_load_verify_locations(ctx, optarg,
			    NULL) != 1)
				return 2;
			SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
			break;
		default:
			return 2;
		}
	if (argc - optind != 2 || procs < 1 || procs > 256)
		return 2;
	addr = argv[optind];
	port = argv[optind + 1];
	SSL_CTX_set_session_cache_mode(ctx, reuse ? SSL_SESS_CACHE_CLIENT |
	    SSL_SESS_CACHE_NO_INTERNAL : SSL_SESS_CACHE_OFF);
	if (reuse)
		SSL_CTX_sess_set_new_cb(ctx, on_session);
	clock_gettime(CLOCK_MONOTONIC, &a);
	if (procs == 1)
		bad = run(ctx, count);
	for (int i = 0; i < procs && procs > 1; i++)
		if (fork() == 0) {
			bad = run(ctx, count / procs);
			_exit(bad > 250 ? 250 : (int)bad);
		}
	while (wait(&status) > 0)
		bad += WIFEXITED(status) ? WEXITSTATUS(status) : 250;
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("ok=%ld errors=%ld seconds=%.3f resumed=%ld\n", count / procs *
	    procs - bad, bad, (double)(b.tv_sec - a.tv_sec) +
	    (double)(b.tv_nsec - a.tv_nsec) / 1e9, n_resumed);
	return bad > 0;
}
