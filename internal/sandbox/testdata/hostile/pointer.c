#define LEARNS true
#include "hostile.h"
/* An answer outside the memory. */
__attribute__((export_name("bellwether_fit"))) uint64_t fit(uint32_t input, uint32_t length) {
	(void)input, (void)length;
	return ~0ull;
}
void bw_score(const bw_input *in, bw_results *out) { (void)in, good(out); }
