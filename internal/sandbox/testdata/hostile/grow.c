#include "hostile.h"
/* More memory than there may be, every page of it used. */
void bw_score(const bw_input *in, bw_results *out) {
	(void)in, good(out);
	for (;;) *(char *)bw_take(65536) = 1;
}
