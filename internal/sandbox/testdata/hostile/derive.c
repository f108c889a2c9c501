#define LEARNS true
#include "hostile.h"
/* A fit that derives more than there are customers. */
__attribute__((import_module("bellwether"), import_name("derive"))) void derive(const void *values, uint32_t length);
__attribute__((import_module("bellwether"), import_name("next"))) uint32_t next(void *buffer, uint32_t capacity);
__attribute__((export_name("bellwether_fit"))) uint64_t fit(uint32_t input, uint32_t length) {
	static struct { uint32_t count, zero; struct { uint32_t id[4], column, zero; bw_value value; } one; } values = {.count = 1};
	uint32_t room = 65536;
	(void)input, (void)length;
	while (next(bw_take(room), room) != 0) {}
	for (values.one.value = bw_int(BW_INTEGER, 1);; values.one.id[0]++) derive(&values, sizeof values);
}
void bw_score(const bw_input *in, bw_results *out) { (void)in, good(out); }
