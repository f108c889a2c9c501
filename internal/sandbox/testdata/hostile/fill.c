#include "hostile.h"
/* memory.fill over all the memory there is: single instructions that take long, again and again. */
void bw_score(const bw_input *in, bw_results *out) {
	(void)in, good(out);
	while (__builtin_wasm_memory_grow(0, 1) != (size_t)-1) {}
	uint32_t from = bw_free, length = ((uint32_t)__builtin_wasm_memory_size(0) << 16) - from;
	for (volatile uint32_t i = 0;; i++) __builtin_memset((void *)(uintptr_t)from, (int)i, length);
}
