#define LEARNS true
#include "hostile.h"
/* A model of all the memory there is. */
__attribute__((export_name("bellwether_fit"))) uint64_t fit(uint32_t input, uint32_t length) {
	(void)length;
	while (__builtin_wasm_memory_grow(0, 1) != (size_t)-1) {}
	*(uint32_t *)(uintptr_t)input = 0;
	return bw_pack((void *)(uintptr_t)input, ((uint32_t)__builtin_wasm_memory_size(0) << 16) - input);
}
void bw_score(const bw_input *in, bw_results *out) { (void)in, good(out); }
