package scoring

// Manifest describes a scorer: what it needs, what it gives, and how to explain it to people. It is data; Define and
// the engine compute from it. All lists keep their order, because scorers refer to their items by index.
type Manifest struct {
	Name    string // snake_case, unique; the typed GraphQL field is its camelCase
	Version string // semantic version; part of every score
	Title   Words
	Doc     Words // what question it answers, and from what

	Facts    []FactUse   // facts of a customer, of the catalogue (see [Facts])
	Orders   *OrderUse   // ask for the customers' own orders too
	Requires []OutputUse // outputs of other scorers
	Derived  []Derived   // columns that Fit writes for each customer and Score reads back

	Params  []Param
	Outputs []Output // the first is the scorer's label, when it is of kind Label
	Reasons []Reason // templates of evidence
	Grid    *Grid    // where two outputs decide the label; else nil
}

// Words are a text for people, in both languages of the product.
type Words struct{ En, Zh string }

// In is the text in a locale: zh, zh-Hans, zh-CN, ... give Chinese, everything else English.
func (w Words) In(locale string) string {
	if len(locale) >= 2 && (locale[0]|0x20) == 'z' && (locale[1]|0x20) == 'h' && (len(locale) == 2 || locale[2] == '-' || locale[2] == '_') {
		return w.Zh
	}
	return w.En
}

// FactUse asks for one fact.
type FactUse struct {
	Name     string // in the catalogue
	Window   Window // for facts that sum up a span of time; the zero Window is all history
	Optional bool   // a host that does not know the fact gives null for everybody instead of refusing the scorer
}

// Window is a span of time that ends at asOf: (asOf-Days, asOf].
type Window struct {
	Days  int    // 0: all history
	Ago   int    // days by which the end lies before asOf
	Param string // name of an Integer parameter that gives Days instead; 0 is all history
}

// OrderUse asks for the orders of a customer, oldest first: those valid at asOf, and credit notes.
type OrderUse struct {
	Window  Window
	Lines   bool // with their lines
	FitOnly bool // Score needs none: it reads what Fit derived
}

// OutputUse asks for an output of another scorer.
type OutputUse struct{ Scorer, Output string }

// Derived is a column that Fit writes with [Customer.Derive].
type Derived struct {
	Name string
	Kind Kind
}

// Param is a setting of a scorer. Values outside its bounds are refused before anything is computed.
type Param struct {
	Name     string
	Kind     Kind // Number, Integer, Flag or Text
	Doc      Words
	Default  Value    // never null: where a setting can be off, a value says so, such as 0 days
	Min, Max float64  // inclusive bounds of Number and Integer
	Allowed  []string // the values of a Text
	Size     int      // more than 0: a list of so many ascending numbers
	Fit      bool     // the model depends on it
}

// Output is one result of a scorer.
type Output struct {
	Name   string // snake_case; the typed GraphQL field is its camelCase
	Kind   Kind
	Doc    Words
	Labels []LabelDoc // of kind Label: all its values

	// DaysSince names the Moment among the manifest's facts whose age in calendar days this Integer is: it is null, or Today
	// less the fact's day. What ages by itself is not stored; the instant is, and the days are counted when they are read.
	DaysSince string
}

// LabelDoc is one label of a scheme.
type LabelDoc struct {
	Name   string // UPPER_SNAKE
	Title  Words
	Doc    Words // when it applies
	Advice Words // what to do with such a customer
}

// Reason is a template of evidence. Text may use {value}, {threshold}, {percentile} and the names of Args.
type Reason struct {
	Name string
	Fact string // name of what was looked at: a fact, a signal
	Text Words
	Args []Arg
}

// Arg is one typed argument of a reason.
type Arg struct {
	Name string
	Kind Kind
}

// MaxOutputs is how many outputs a scorer may have: a stored score has a column for each.
const MaxOutputs = 16

// Fact is the index of the first use of a fact, or -1.
func (m *Manifest) Fact(name string) int {
	for i := range m.Facts {
		if m.Facts[i].Name == name {
			return i
		}
	}
	return -1
}

// MainLabel is the output that holds the scorer's label, if it has one.
func (m *Manifest) MainLabel() (*Output, bool) {
	if len(m.Outputs) > 0 && m.Outputs[0].Kind == Label {
		return &m.Outputs[0], true
	}
	return nil, false
}

// Output is the index of the output of a name, or -1.
func (m *Manifest) Output(name string) int {
	for i := range m.Outputs {
		if m.Outputs[i].Name == name {
			return i
		}
	}
	return -1
}

// Param is the index of the parameter of a name, or -1.
func (m *Manifest) Param(name string) int {
	for i := range m.Params {
		if m.Params[i].Name == name {
			return i
		}
	}
	return -1
}

// Label is the label of a name of an output.
func (o *Output) Label(name string) (*LabelDoc, bool) {
	for i := range o.Labels {
		if o.Labels[i].Name == name {
			return &o.Labels[i], true
		}
	}
	return nil, false
}
