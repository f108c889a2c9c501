#include "hostile.h"
/* A beginning that does not end. */
__attribute__((export_name("_initialize"))) void initialize(void) {
	for (volatile uint32_t i = 0;;) i++;
}
void bw_score(const bw_input *in, bw_results *out) { (void)in, good(out); }
