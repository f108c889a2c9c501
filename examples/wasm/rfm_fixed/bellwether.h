/* bellwether.h: scorers in C for Bellwether, ABI 1. One header, no library: docs/wasm-abi.md describes every byte.
 *
 * A scorer defines BW_MANIFEST with the text of its manifest, includes this header, and defines
 *
 *     void bw_score(const bw_input *in, bw_results *out);
 *
 * It is built with
 *
 *     clang --target=wasm32 -O3 -nostdlib -ffreestanding -mbulk-memory -Wl,--no-entry -o scorer.wasm scorer.c
 */
#ifndef BELLWETHER_H
#define BELLWETHER_H

#include <stddef.h>
#include <stdint.h>

#define BW_EXPORT(name) __attribute__((export_name(name)))

/* BW_JSON makes a text of JSON that is written as it is. */
#define BW_JSON(...) #__VA_ARGS__

/* Kinds of values. */
enum { BW_LABEL, BW_NUMBER, BW_INTEGER, BW_MONEY, BW_FLAG, BW_INSTANT, BW_TEXT };

/* BW_NEVER is the instant of what has not happened. */
#define BW_NEVER INT64_MIN

/* What the host writes. Members that end in _at are offsets from the beginning of the input; 0 is nothing. */

typedef struct { uint32_t kind, nulls_at, values_at, bytes_at; } bw_column;

typedef struct {
	uint32_t rows, flags, env_at, ids_at;
	uint32_t facts, facts_at, requires, requires_at, derived, derived_at;
	uint32_t orders_at, length;
} bw_input;

typedef struct {
	int64_t as_of;
	uint32_t currency_at, currency_length;
	int32_t exponent;
	uint32_t params, params_at, changes, changes_at, ahead_at;
} bw_env;

typedef struct {
	uint8_t kind, state; /* state 0: null, 1: one value, 2: a list of numbers */
	uint16_t zero;
	uint32_t length; /* of a text in bytes, of a list in numbers */
	union { int64_t i; double f; uint32_t at; };
} bw_value;

static inline const void *bw_at(const bw_input *in, uint32_t at) { return (const char *)in + at; }
static inline const bw_env *bw_environment(const bw_input *in) { return bw_at(in, in->env_at); }
static inline const bw_value *bw_param(const bw_input *in, uint32_t i) { return (const bw_value *)bw_at(in, bw_environment(in)->params_at) + i; }

/* bw_numbers are the items of a list. */
static inline const double *bw_numbers(const bw_input *in, const bw_value *v) { return bw_at(in, v->at); }

/* The columns of a fact, of another scorer's output, and of what a fit derived. */
static inline const bw_column *bw_fact(const bw_input *in, uint32_t i) { return (const bw_column *)bw_at(in, in->facts_at) + i; }
static inline const bw_column *bw_required(const bw_input *in, uint32_t i) { return (const bw_column *)bw_at(in, in->requires_at) + i; }
static inline const bw_column *bw_derived(const bw_input *in, uint32_t i) { return (const bw_column *)bw_at(in, in->derived_at) + i; }

static inline const int64_t *bw_int_values(const bw_input *in, const bw_column *c) { return bw_at(in, c->values_at); }
static inline const double *bw_float_values(const bw_input *in, const bw_column *c) { return bw_at(in, c->values_at); }
static inline int bw_null(const bw_input *in, const bw_column *c, uint32_t row) {
	return c->nulls_at != 0 && ((const uint8_t *)bw_at(in, c->nulls_at))[row] != 0;
}

/* bw_text is a text and its length. */
static inline const char *bw_text(const bw_input *in, const bw_column *c, uint32_t row, uint32_t *length) {
	const uint32_t *starts = bw_at(in, c->values_at);
	*length = starts[row + 1] - starts[row];
	return (const char *)bw_at(in, c->bytes_at) + starts[row];
}

static inline int bw_explain(const bw_input *in) { return (in->flags & 1) != 0; }

static inline int64_t bw_floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/* bw_zone is a stretch of time in which the clocks do not change; begin with zeros. */
typedef struct { int64_t from, to, ahead; } bw_zone;

/* bw_day is the calendar day of an instant in the business's time zone, in days since 1970-01-01. */
static inline int64_t bw_day(const bw_input *in, bw_zone *zone, int64_t instant) {
	int64_t seconds = bw_floor_div(instant, 1000000);
	if (seconds < zone->from || seconds >= zone->to) {
		const bw_env *env = bw_environment(in);
		const int64_t *changes = bw_at(in, env->changes_at);
		const int32_t *ahead = bw_at(in, env->ahead_at);
		uint32_t low = 0, high = env->changes;
		while (low < high) {
			uint32_t middle = (low + high) / 2;
			if (changes[middle] <= seconds) low = middle + 1; else high = middle;
		}
		zone->from = low > 0 ? changes[low - 1] : INT64_MIN;
		zone->to = low < env->changes ? changes[low] : INT64_MAX;
		zone->ahead = ahead[low];
	}
	return bw_floor_div(seconds + zone->ahead, 86400);
}

/* What a scorer answers. Its memory is one arena: the input, and behind it the answer. */

typedef struct { uint32_t reason, thresholds, thresholds_at, args, args_at, zero; double percentile; bw_value value; } bw_evidence;

typedef struct {
	char *content; /* of the answer: offsets count from here */
	uint32_t rows;
} bw_results;

extern char __heap_base;
static uint32_t bw_input_at, bw_input_length, bw_free;

/* bw_take takes memory for the answer, a multiple of 8 bytes at a multiple of 8; it traps where there is none. */
static inline void *bw_take(uint32_t length) {
	uint32_t at = bw_free, end = (at + length + 7) & ~7u;
	uint32_t have = (uint32_t)__builtin_wasm_memory_size(0) << 16;
	if (end < at) __builtin_trap();
	if (end > have && __builtin_wasm_memory_grow(0, (end - have + 65535) >> 16) == (size_t)-1) __builtin_trap();
	bw_free = end;
	return (void *)(uintptr_t)at;
}

static inline uint32_t bw_offset(const bw_results *out, const void *p) { return (uint32_t)((const char *)p - out->content); }

/* The parts of an answer: rows, outputs, columns, until, evidence, and three zeros. */
static inline uint32_t *bw_head(const bw_results *out) { return (uint32_t *)out->content; }
static inline bw_column *bw_output(const bw_results *out, uint32_t i) { return (bw_column *)(out->content + bw_head(out)[2]) + i; }

/* bw_ints, bw_floats and bw_labels make room for an output's values, to be written by row. A label is its index in the
 * manifest, or -1 for null. */
static inline int64_t *bw_ints(bw_results *out, uint32_t i, uint32_t kind) {
	int64_t *values = bw_take(8 * out->rows);
	*bw_output(out, i) = (bw_column){kind, 0, bw_offset(out, values), 0};
	return values;
}
static inline double *bw_floats(bw_results *out, uint32_t i) { return (double *)bw_ints(out, i, BW_NUMBER); }
static inline int32_t *bw_labels(bw_results *out, uint32_t i) {
	int32_t *values = bw_take(4 * out->rows);
	*bw_output(out, i) = (bw_column){BW_LABEL, 0, bw_offset(out, values), 0};
	return values;
}

/* bw_nulls makes room for the nulls of an output that has values already: 1 is null. */
static inline uint8_t *bw_nulls(bw_results *out, uint32_t i) {
	uint8_t *nulls = bw_take(out->rows);
	__builtin_memset(nulls, 0, out->rows);
	bw_output(out, i)->nulls_at = bw_offset(out, nulls);
	return nulls;
}

/* bw_until makes room for the instants until which the answers hold; BW_NEVER: not known. */
static inline int64_t *bw_until(bw_results *out) {
	int64_t *until = bw_take(8 * out->rows);
	bw_head(out)[3] = bw_offset(out, until);
	return until;
}

/* bw_pieces makes room for evidence, so many pieces for each customer. */
static inline bw_evidence *bw_pieces(bw_results *out, uint32_t each) {
	uint32_t *part = bw_take(16), *starts = bw_take(4 * (out->rows + 1)), count = each * out->rows;
	bw_evidence *pieces = bw_take(sizeof(bw_evidence) * count);
	__builtin_memset(pieces, 0, sizeof(bw_evidence) * count);
	for (uint32_t i = 0; i <= out->rows; i++) starts[i] = i * each;
	part[0] = bw_offset(out, starts), part[1] = count, part[2] = bw_offset(out, pieces), part[3] = 0;
	bw_head(out)[4] = bw_offset(out, part);
	return pieces;
}

static inline bw_value bw_int(uint8_t kind, int64_t i) { return (bw_value){.kind = kind, .state = 1, .i = i}; }
static inline bw_value bw_float(double f) { return (bw_value){.kind = BW_NUMBER, .state = 1, .f = f}; }

void bw_score(const bw_input *in, bw_results *out);

/* What a module exports. */

static inline uint64_t bw_pack(const void *answer, uint32_t length) { return (uint64_t)(uintptr_t)answer << 32 | length; }

BW_EXPORT("bellwether_abi") uint32_t bw_abi(void) { return 1; }

BW_EXPORT("bellwether_alloc") uint32_t bw_alloc(uint32_t length) {
	if (bw_input_at == 0 || length > bw_input_length) {
		bw_input_at = bw_free = ((uint32_t)(uintptr_t)&__heap_base + 7) & ~7u;
		bw_take(length);
		bw_input_length = bw_free - bw_input_at;
	}
	return bw_input_at;
}

BW_EXPORT("bellwether_manifest") uint64_t bw_manifest(void) {
	static const struct { uint32_t status, zero; char text[sizeof(BW_MANIFEST) - 1]; } answer = {0, 0, BW_MANIFEST};
	return bw_pack(&answer, 8 + sizeof(BW_MANIFEST) - 1);
}

BW_EXPORT("bellwether_score") uint64_t bw_answer(uint32_t model, uint32_t input, uint32_t length) {
	(void)model, (void)length; /* nothing was learned; the input says its length */
	const bw_input *in = (const bw_input *)(uintptr_t)input;
	bw_free = bw_input_at + bw_input_length;
	uint32_t *status = bw_take(8);
	status[0] = status[1] = 0;
	bw_results out = {bw_take(32), in->rows};
	__builtin_memset(out.content, 0, 32);
	bw_head(&out)[0] = in->rows;
	bw_head(&out)[1] = BW_OUTPUTS;
	bw_head(&out)[2] = bw_offset(&out, bw_take(sizeof(bw_column) * BW_OUTPUTS));
	bw_score(in, &out);
	return bw_pack(status, bw_free - (uint32_t)(uintptr_t)status);
}

#endif
