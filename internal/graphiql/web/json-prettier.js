// A Prettier plugin for JSON with comments. GraphiQL would load Prettier's JavaScript parser and printer (half a
// megabyte) to tidy the variables; jsonc-parser, which it has anyway, does it too. build.mjs puts this in their place.
import { applyEdits, format } from 'jsonc-parser';

export const parsers = {
  jsonc: {
    astFormat: 'jsonc',
    locStart: () => 0,
    locEnd: ({ text }) => text.length,
    parse: (text) => ({ text }),
  },
};

export const printers = {
  jsonc: {
    print({ node: { text } }) {
      return applyEdits(text, format(text, undefined, { insertSpaces: true, tabSize: 2, insertFinalNewline: true }));
    },
  },
};
