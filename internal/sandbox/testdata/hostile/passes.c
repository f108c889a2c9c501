#define LEARNS true
#include "hostile.h"
/* A fit that reads the population for ever. */
__attribute__((import_module("bellwether"), import_name("rewind"))) void rewind(void);
__attribute__((import_module("bellwether"), import_name("next"))) uint32_t next(void *buffer, uint32_t capacity);
__attribute__((export_name("bellwether_fit"))) uint64_t fit(uint32_t input, uint32_t length) {
	(void)length;
	for (;;) rewind(), next((void *)(uintptr_t)input, 0);
}
void bw_score(const bw_input *in, bw_results *out) { (void)in, good(out); }
