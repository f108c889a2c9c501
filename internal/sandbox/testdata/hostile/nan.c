#include "hostile.h"
/* Not a number. */
void bw_score(const bw_input *in, bw_results *out) {
	(void)in, good(out);
	bw_floats(out, OUT_NUMBER)[0] = __builtin_nan("");
}
