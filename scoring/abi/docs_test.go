package abi_test

import (
	"encoding/hex"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"bellwether/scoring"
	"bellwether/scoring/abi"
)

var update = flag.Bool("update", false, "write the bytes of the documentation again")

// The bytes that the documentation shows are those that this package writes.
func TestDocumentedBytes(t *testing.T) {
	const file = "../../docs/wasm-abi.md"
	var e abi.Encoder
	input, err := e.AppendInput(nil, &scoring.Batch{
		Env:   &scoring.Env{AsOf: scoring.At(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)), Currency: "EUR", Exponent: 2, Location: time.FixedZone("", 3600), Params: []scoring.Value{scoring.Int(3)}},
		IDs:   []scoring.ID{{15: 1}, {15: 2}},
		Facts: []scoring.Column{{Kind: scoring.Integer, Ints: []int64{7, 0}, Null: []bool{false, true}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	m := &scoring.Manifest{Outputs: []scoring.Output{{Name: "label", Kind: scoring.Label, Labels: []scoring.LabelDoc{{Name: "A"}, {Name: "B"}}}}}
	results, err := abi.AppendResults(make([]byte, abi.AnswerHeader), m, &scoring.Results{Outputs: []scoring.Column{{Kind: scoring.Label, Texts: []string{"B", ""}, Null: []bool{false, true}}}}, 2)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for name, bytes := range map[string][]byte{"input": input, "results": results} {
		block := regexp.MustCompile("(?s)<!-- bytes:" + name + " -->\n```text\n.*?```")
		want := "<!-- bytes:" + name + " -->\n```text\n" + dump(bytes) + "```"
		switch got := block.FindString(text); {
		case got == "":
			t.Errorf("%s has no bytes of %s", file, name)
		case got != want && *update:
			text = block.ReplaceAllLiteralString(text, want)
		case got != want:
			t.Errorf("%s shows other bytes of %s (run the test with -update):\n%s", file, name, want)
		}
	}
	if *update && text != string(b) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// dump is sixteen bytes a line, without the letters that hex.Dump adds.
func dump(b []byte) string {
	var out strings.Builder
	for line := range strings.Lines(hex.Dump(b)) {
		out.WriteString(strings.TrimSpace(line[4:60]) + "\n")
	}
	return out.String()
}
