package rule

import (
	"encoding/json"

	"bellwether/scoring"
)

// Schema is the JSON Schema (draft 2020-12) of *.rule.yaml files, for editors. Expressions are checked by [Compile] alone.
func Schema() []byte {
	text := func(en string, most int, more ...any) map[string]any {
		return described(map[string]any{"type": "string", "maxLength": most}, en, more...)
	}
	name := func(pattern, en string) map[string]any {
		return described(map[string]any{"type": "string", "pattern": pattern, "maxLength": maxName}, en)
	}
	number := func(en string, more ...any) map[string]any {
		return described(map[string]any{"type": "number"}, en, more...)
	}
	condition := func(en string) map[string]any {
		return described(map[string]any{"type": []string{"string", "boolean"}, "maxLength": maxExpression}, en)
	}
	schema := object("A rule: labels with conditions over facts and other scorers' outputs.", []string{"name", "titleEn", "docEn", "labels"}, map[string]any{
		"name":    name(snake.String(), "Name of the scorer, unique."),
		"version": described(map[string]any{"type": "string", "pattern": semantic.String()}, "Semantic version; 1.0.0 where there is none."),
		"titleEn": text("Title in English.", maxTitle),
		"titleZh": text("Title in Chinese; the English one where there is none.", maxTitle),
		"docEn":   text("What the rule answers, in English.", maxDoc),
		"docZh":   text("What the rule answers, in Chinese; the English one where there is none.", maxDoc),
		"labels": items("Labels in the order in which they are tried; the last one's condition is true.", 1, maxLabels, object("A label.", []string{"name", "when"}, map[string]any{
			"name":     name(upperSnake.String(), "Name of the label."),
			"titleEn":  text("Title in English.", maxTitle),
			"titleZh":  text("Title in Chinese.", maxTitle),
			"adviceEn": text("What to do with such a customer, in English.", maxDoc),
			"adviceZh": text("What to do with such a customer, in Chinese.", maxDoc),
			"when":     condition("Condition in CEL. The first label whose condition holds wins; a comparison with a missing fact is false."),
		})),
		"numbers": items("Further outputs, and names for expressions after them.", 0, maxNumbers, object("A number.", []string{"name", "value"}, map[string]any{
			"name":  name(snake.String(), "Name of the output."),
			"value": described(map[string]any{"type": []string{"string", "number"}, "maxLength": maxExpression}, "Number in CEL."),
		})),
		"quantiles": items("Borders that are learned from the population.", 0, maxQuantiles, object("A quantile, by average rank.", []string{"name", "of", "q"}, map[string]any{
			"name":  name(snake.String(), "Name in expressions."),
			"of":    text("Number in CEL.", maxExpression),
			"q":     number("Share of the population.", "minimum", 0, "maximum", 1),
			"among": condition("Condition in CEL for those who count; everybody where there is none."),
		})),
		"parameters": items("Numbers that those who run the server may set.", 0, maxParameters, object("A parameter.", []string{"name", "default"}, map[string]any{
			"name":    name(snake.String(), "Name in expressions."),
			"default": number("Value where none is set."),
			"min":     number("Least value."),
			"max":     number("Greatest value."),
		})),
	})
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "Bellwether rule"
	out, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		panic(err) // maps of texts and numbers can be written
	}
	return append(out, '\n')
}

func described(schema map[string]any, en string, more ...any) map[string]any {
	schema["description"] = en
	for i := 0; i+1 < len(more); i += 2 {
		schema[more[i].(string)] = more[i+1]
	}
	return schema
}

func object(en string, required []string, properties map[string]any) map[string]any {
	return described(map[string]any{"type": "object", "additionalProperties": false, "required": required, "properties": properties}, en)
}

func items(en string, least, most int, of map[string]any) map[string]any {
	return described(map[string]any{"type": "array", "minItems": least, "maxItems": most, "items": of}, en)
}

var _ interface {
	scoring.Scorer
	scoring.Learner
	scoring.Codec
} = (*scorer)(nil)
