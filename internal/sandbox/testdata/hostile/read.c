#include "hostile.h"
/* A look at an address outside the memory. */
void bw_score(const bw_input *in, bw_results *out) {
	(void)in, good(out);
	*(int32_t *)out->content = *(volatile int32_t *)0xfffffff0;
}
