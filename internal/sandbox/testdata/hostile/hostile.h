/* What the hostile modules have in common: a scorer with an output of three kinds, which learns where LEARNS is true. */
#ifndef LEARNS
#define LEARNS false
#endif
enum { OUT_LABEL, OUT_NUMBER, OUT_TEXT };
#define BW_OUTPUTS 3
#define BW_TEXT_OF(...) BW_JSON(__VA_ARGS__)
#define BW_MANIFEST BW_TEXT_OF({ \
	"name": "hostile", "version": "1.0.0", "learns": LEARNS, \
	"title": {"en": "Hostile", "zh": "恶意"}, "doc": {"en": "Does harm.", "zh": "造成危害。"}, \
	"facts": [{"name": "orders"}], \
	"derived": [{"name": "seen", "kind": "INTEGER"}], \
	"outputs": [ \
		{"name": "label", "kind": "LABEL", "doc": {"en": "Label.", "zh": "标签。"}, "labels": [ \
			{"name": "YES", "title": {"en": "Yes", "zh": "是"}, "doc": {"en": "Always.", "zh": "总是。"}, "advice": {"en": "None.", "zh": "无。"}}]}, \
		{"name": "number", "kind": "NUMBER", "doc": {"en": "Number.", "zh": "数值。"}}, \
		{"name": "text", "kind": "TEXT", "doc": {"en": "Text.", "zh": "文本。"}}], \
	"reasons": [{"name": "because", "fact": "orders", "text": {"en": "Because.", "zh": "因为。"}}] \
})
#include "../../../../examples/wasm/rfm_fixed/bellwether.h"

/* good answers as a module should. */
static inline void good(bw_results *out) {
	__builtin_memset(bw_labels(out, OUT_LABEL), 0, 4 * out->rows);
	__builtin_memset(bw_floats(out, OUT_NUMBER), 0, 8 * out->rows);
	__builtin_memset(bw_ints(out, OUT_TEXT, BW_TEXT), 0, 8 * out->rows);
}
