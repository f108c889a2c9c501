#include "hostile.h"
/* An endless loop. */
void bw_score(const bw_input *in, bw_results *out) {
	(void)in, good(out);
	for (volatile uint32_t i = 0;;) i++;
}
