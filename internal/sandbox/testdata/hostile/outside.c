#include "hostile.h"
/* A call of the host that only a fit may make. */
__attribute__((import_module("bellwether"), import_name("rewind"))) void rewind(void);
void bw_score(const bw_input *in, bw_results *out) {
	(void)in, good(out);
	for (;;) rewind();
}
