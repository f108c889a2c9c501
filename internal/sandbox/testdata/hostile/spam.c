#include "hostile.h"
/* Calls of the host without an end. */
typedef struct { uint32_t at, length; } piece;
__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_write"))) uint32_t fd_write(uint32_t fd, const piece *pieces, uint32_t count, uint32_t *written);
void bw_score(const bw_input *in, bw_results *out) {
	piece all = {0, 60000};
	uint32_t written;
	(void)in, good(out);
	for (;;) fd_write(2, &all, 1, &written);
}
