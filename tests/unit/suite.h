/* SPDX-License-Identifier: Apache-2.0 */
/* The end of each unit test's main. */
#ifndef UNIT_SUITE_H
#define UNIT_SUITE_H

#include <check.h>

#include <stdlib.h>

/* Runs and frees s, as loud as CK_VERBOSITY says; what main returns. */
static inline int
suite_run(Suite *s)
{
	SRunner	*r = srunner_create(s);
	int	 bad;

	srunner_run_all(r, CK_ENV);
	bad = srunner_ntests_failed(r);
	srunner_free(r);
	return bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
