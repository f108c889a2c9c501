#include "hostile.h"
/* Columns that end outside the answer. */
void bw_score(const bw_input *in, bw_results *out) {
	(void)in, good(out);
	bw_output(out, OUT_NUMBER)->values_at += 8 * out->rows * 1000;
}
