#include "hostile.h"
/* A label that is not declared. */
void bw_score(const bw_input *in, bw_results *out) {
	(void)in, good(out);
	bw_labels(out, OUT_LABEL)[0] = 7;
}
