#include "hostile.h"
/* A trap. */
void bw_score(const bw_input *in, bw_results *out) {
	(void)in, good(out);
	__builtin_trap();
}
