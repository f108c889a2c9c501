// Scorers in AssemblyScript for Bellwether, ABI 1. docs/wasm-abi.md describes every byte.
//
// A scorer exports bellwether_abi, bellwether_alloc, bellwether_manifest and bellwether_score; the first three come from
// here, and the last one reads an Input and returns what Answer.finish packs.

/** Kinds of values. */
export const LABEL: u32 = 0;
export const NUMBER: u32 = 1;
export const INTEGER: u32 = 2;
export const MONEY: u32 = 3;
export const FLAG: u32 = 4;
export const INSTANT: u32 = 5;
export const TEXT: u32 = 6;

/** What has not happened has this instant. */
export const NEVER: i64 = i64.MIN_VALUE;

const COLUMN: usize = 16; // bytes of the description of a column
const EVIDENCE: usize = 48; // bytes of a piece of evidence

let input: usize = 0;
let capacity: u32 = 0;

export function bellwether_abi(): u32 {
  return 1;
}

export function bellwether_alloc(length: u32): usize {
  if (input == 0 || length > capacity) {
    if (input != 0) heap.free(input);
    capacity = length < 4096 ? 4096 : length;
    input = heap.alloc(capacity + 8);
  }
  return align(input);
}

function align(at: usize): usize {
  return (at + 7) & ~(<usize>7);
}

function pack(at: usize, length: u32): u64 {
  return ((<u64>at) << 32) | (<u64>length);
}

/** The answer that a text is, for bellwether_manifest. */
export function text(json: string): u64 {
  const bytes = String.UTF8.encode(json);
  const at = align(heap.alloc(bytes.byteLength + 16));
  store<u64>(at, 0);
  memory.copy(at + 8, changetype<usize>(bytes), bytes.byteLength);
  return pack(at, 8 + bytes.byteLength);
}

/** A column of what the host gives. */
@unmanaged
export class Column {
  kind: u32;
  nullsAt: u32;
  valuesAt: u32;
  bytesAt: u32;
}

/** The customers to be scored. */
@unmanaged
export class Input {
  rows: u32;
  flags: u32;
  envAt: u32;
  idsAt: u32;
  facts: u32;
  factsAt: u32;
  requires: u32;
  requiresAt: u32;
  derived: u32;
  derivedAt: u32;
  ordersAt: u32;
  length: u32;

  get explain(): bool {
    return (this.flags & 1) != 0;
  }

  /** The column of a fact by its index in the manifest. */
  fact(index: u32): Column {
    return changetype<Column>(changetype<usize>(this) + this.factsAt + COLUMN * index);
  }

  isNull(column: Column, row: u32): bool {
    return column.nullsAt != 0 && load<u8>(changetype<usize>(this) + column.nullsAt + row) != 0;
  }

  /** A value of an INTEGER, MONEY, FLAG or INSTANT. */
  int(column: Column, row: u32): i64 {
    return load<i64>(changetype<usize>(this) + column.valuesAt + 8 * row);
  }

  /** A value of a NUMBER. */
  float(column: Column, row: u32): f64 {
    return load<f64>(changetype<usize>(this) + column.valuesAt + 8 * row);
  }

  /** A value of a list parameter of numbers by the parameter's and its own index. */
  number(param: u32, item: u32): f64 {
    const params = load<u32>(changetype<usize>(this) + this.envAt + 24);
    const value = changetype<usize>(this) + params + 16 * param;
    if (load<u8>(value + 1) == 2) return load<f64>(changetype<usize>(this) + load<u32>(value + 8) + 8 * item);
    return load<u8>(value) == NUMBER ? load<f64>(value + 8) : <f64>load<i64>(value + 8);
  }
}

let arena: usize = 0;
let arenaLength: usize = 0;

/** The answers: make one, write each output by row, finish. Room is for a piece of evidence a customer. */
export class Answer {
  private content: usize;
  private free: usize;
  private pieces: usize = 0;

  constructor(private rows: u32, outputs: u32) {
    const most: usize = 128 + <usize>outputs * (COLUMN + 9 * <usize>rows + 24) + (12 + EVIDENCE) * <usize>rows;
    if (most > arenaLength) {
      if (arena != 0) heap.free(arena);
      arena = heap.alloc(most + 8);
      arenaLength = most;
    }
    this.content = align(arena) + 8;
    this.free = this.content + 32;
    memory.fill(this.content - 8, 0, 40);
    store<u32>(this.content, rows);
    store<u32>(this.content, outputs, 4);
    store<u32>(this.content, <u32>(this.take(<usize>outputs * COLUMN) - this.content), 8);
  }

  private take(length: usize): usize {
    const at = this.free;
    memory.fill(at, 0, length);
    this.free = align(at + length);
    return at;
  }

  private column(index: u32, kind: u32, width: usize): usize {
    const values = this.take(width * this.rows);
    const column = this.content + load<u32>(this.content, 8) + COLUMN * index;
    store<u32>(column, kind);
    store<u32>(column, <u32>(values - this.content), 8);
    return values;
  }

  /** Room for a label output: i32 indices into its labels, -1 for null. */
  labels(index: u32): usize {
    return this.column(index, LABEL, 4);
  }

  /** Room for an INTEGER, MONEY, FLAG or INSTANT output: i64. */
  ints(index: u32, kind: u32): usize {
    return this.column(index, kind, 8);
  }

  /** Room for a NUMBER output: f64. */
  floats(index: u32): usize {
    return this.column(index, NUMBER, 8);
  }

  /** Room for the nulls of an output: u8, 1 is null. */
  nulls(index: u32): usize {
    const nulls = this.take(this.rows);
    store<u32>(this.content + load<u32>(this.content, 8) + COLUMN * index, <u32>(nulls - this.content), 4);
    return nulls;
  }

  /** One piece of evidence for a customer: a reason by its index, and a value. Call it for every row, or for none. */
  because(row: u32, reason: u32, kind: u32, value: i64): void {
    if (this.pieces == 0) {
      const part = this.take(16);
      const starts = this.take(4 * (this.rows + 1));
      this.pieces = this.take(EVIDENCE * this.rows);
      for (let i: u32 = 0; i <= this.rows; i++) store<u32>(starts + 4 * i, i);
      store<u32>(part, <u32>(starts - this.content));
      store<u32>(part, this.rows, 4);
      store<u32>(part, <u32>(this.pieces - this.content), 8);
      store<u32>(this.content, <u32>(part - this.content), 16);
    }
    const at = this.pieces + EVIDENCE * row;
    store<u32>(at, reason);
    store<f64>(at, NaN, 24); // not rank-based
    store<u8>(at, <u8>kind, 32);
    store<u8>(at, 1, 33);
    store<i64>(at, value, 40);
  }

  finish(): u64 {
    return pack(this.content - 8, <u32>(this.free - this.content) + 8);
  }
}
