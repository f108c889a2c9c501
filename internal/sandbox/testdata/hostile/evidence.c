#include "hostile.h"
/* Evidence that points to the same texts over and over. */
void bw_score(const bw_input *in, bw_results *out) {
	(void)in, good(out);
	bw_evidence *pieces = bw_pieces(out, 200);
	uint32_t each = 100000;
	char *text = bw_take(each);
	__builtin_memset(text, 'x', each);
	for (uint32_t i = 0; i < 200 * out->rows; i++)
		pieces[i].value = (bw_value){.kind = BW_TEXT, .state = 1, .length = each, .at = bw_offset(out, text)};
}
