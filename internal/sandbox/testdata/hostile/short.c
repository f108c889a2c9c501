#include "hostile.h"
/* A customer fewer than were asked for. */
void bw_score(const bw_input *in, bw_results *out) {
	(void)in;
	out->rows--;
	good(out);
	bw_head(out)[0]--;
}
