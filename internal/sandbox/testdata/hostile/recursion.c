#include "hostile.h"
/* Recursion without a loop and without an end. */
static __attribute__((noinline)) uint32_t deeper(volatile uint32_t *n) {
	uint32_t before = (*n)++;
	if (before == UINT32_MAX) return 0; /* which the stack does not live to see */
	return deeper(n) + before + deeper(n);
}
void bw_score(const bw_input *in, bw_results *out) {
	volatile uint32_t n = 0;
	(void)in, good(out);
	*(int32_t *)out->content = (int32_t)deeper(&n);
}
