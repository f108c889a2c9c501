package ingest

import (
	"bytes"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"bellwether/internal/fault"
)

// decoderOf makes UTF-8 of a text in an encoding.
func decoderOf(name string) (func(io.Reader) io.Reader, error) {
	var e encoding.Encoding
	switch strings.ToLower(name) {
	case "", "utf-8", "utf8":
		return func(r io.Reader) io.Reader { return r }, nil
	case "gb18030", "gbk", "gb2312":
		e = simplifiedchinese.GB18030 // the others are parts of it
	case "utf-16", "utf16":
		e = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	default:
		return nil, fault.New(fault.Invalid, "no encoding %q (there are gb18030, utf-16 and utf-8)", name)
	}
	return func(r io.Reader) io.Reader { return e.NewDecoder().Reader(r) }, nil
}

// foreign tells whether cells have bytes that their encoding does not have; the decoder puts U+FFFD there.
func (im *importer) foreign(cells ...[]byte) bool {
	if im.options.Encoding == "" {
		return false
	}
	for _, c := range cells {
		if bytes.Contains(c, []byte("\uFFFD")) {
			return true
		}
	}
	return false
}
