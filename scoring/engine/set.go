package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"bellwether/scoring"
)

// Host is how a scorer runs.
type Host string

// The hosts of scorers.
const (
	BuiltIn Host = "BUILT_IN" // compiled in
	Rule    Host = "RULE"
	WASM    Host = "WASM"
)

// Entry is a scorer as an engine takes it in.
type Entry struct {
	Scorer scoring.Scorer
	Host   Host
	Digest string       // of what it was made from; "": of this program
	Off    string       // why it does not answer; "": it does
	Notice string       // what else there is to say, such as that a newer version of it was refused; "": nothing
	Usage  func() Usage // nil: it is not measured
}

// Usage is what a scorer has used since it was taken in.
type Usage struct {
	Calls     int64         // of Fit and Score
	Customers int64         // that were scored
	Failures  int64         // of the calls
	CPU       time.Duration // of the process that it runs in
	Memory    int64         // bytes, at most
}

// set is a set of scorers. Its slices have those that answer, by index.
type set struct {
	entries   []Entry           // all of them
	settings  [][]scoring.Value // of entries
	scorers   []scoring.Scorer
	manifests []*scoring.Manifest
	order     []int // in which every scorer comes after those it requires
	byName    map[string]int
	params    [][]scoring.Value
	versions  []string
	digests   []string
	keys      []string // version, and the versions of what it requires: what a model depends on but for the data
}

// newSet checks scorers and their parameters. What is wrong with one that is compiled in is an error; any other is
// switched off.
func newSet(entries []Entry, settings Params) (set, error) {
	s := set{entries: slices.Clone(entries), byName: map[string]int{}}
	var err error
	if s.settings, err = s.resolve(settings); err != nil {
		return s, err
	}
	for s.switchOff() { // which may leave others without what they require
	}
	for i := range s.entries {
		if e := &s.entries[i]; e.Off == "" {
			s.byName[e.name()] = len(s.scorers)
			s.scorers, s.manifests = append(s.scorers, e.Scorer), append(s.manifests, e.Scorer.Manifest())
			s.params, s.digests = append(s.params, s.settings[i]), append(s.digests, e.Digest)
			s.versions = append(s.versions, s.version(i))
		}
	}
	if s.order, err = scoring.ValidateAll(s.manifests); err != nil {
		return s, err
	}
	s.keys = make([]string, len(s.scorers))
	for _, i := range s.order {
		s.keys[i] = s.manifests[i].Name + "@" + s.versions[i]
		for _, r := range s.manifests[i].Requires {
			s.keys[i] += " " + s.keys[s.byName[r.Scorer]]
		}
		if len(s.manifests[i].Requires) > 0 {
			sum := sha256.Sum256([]byte(s.keys[i]))
			s.keys[i] = s.manifests[i].Name + " " + hex.EncodeToString(sum[:16])
		}
	}
	return s, nil
}

func (e *Entry) name() string { return e.Scorer.Manifest().Name }

// off switches an entry off, unless it is compiled in: then it is an error.
func (e *Entry) off(err error) error {
	if e.Host == BuiltIn {
		return err
	}
	e.Off = err.Error()
	return nil
}

// resolve gives every entry the values of its parameters.
func (s *set) resolve(settings Params) ([][]scoring.Value, error) {
	var errs []error
	all := make([][]scoring.Value, len(s.entries))
	for i := range s.entries {
		e := &s.entries[i]
		var err error
		if all[i], err = settings.of(e.Scorer.Manifest()); err != nil {
			errs = append(errs, e.off(err))
			all[i], _ = Params{}.of(e.Scorer.Manifest()) // its defaults
		}
	}
	return all, errors.Join(errs...)
}

// switchOff looks for entries that cannot answer with the others, and tells whether it switched one off.
func (s *set) switchOff() (more bool) {
	answers := map[string]*scoring.Manifest{}
	for i := range s.entries {
		if e := &s.entries[i]; e.Off == "" {
			answers[e.name()] = e.Scorer.Manifest()
		}
	}
	for i := range s.entries {
		e := &s.entries[i]
		if e.Off != "" || e.Host == BuiltIn {
			continue
		}
		if err := s.unfit(e, answers); err != nil {
			e.Off, more = err.Error(), true
		}
	}
	return more
}

// unfit is what keeps an entry from answering, if anything does.
func (s *set) unfit(e *Entry, answers map[string]*scoring.Manifest) error {
	m := e.Scorer.Manifest()
	if err := m.Validate(); err != nil {
		return err
	}
	for _, r := range m.Requires {
		of, ok := answers[r.Scorer]
		switch {
		case !ok && s.find(r.Scorer) >= 0:
			return fmt.Errorf("it requires %s, which is switched off (switch %s on first)", r.Scorer, r.Scorer)
		case !ok:
			return fmt.Errorf("it requires %s, which is not there (add it, or drop the requirement)", r.Scorer)
		case of.Output(r.Output) < 0:
			return fmt.Errorf("it requires output %s of %s, which has %s (name one of them)", r.Output, r.Scorer, strings.Join(outputNames(of), ", "))
		}
	}
	if path := cycle(m.Name, answers, nil); path != nil {
		return fmt.Errorf("it requires itself: %s (drop one of the requirements)", strings.Join(path, " -> "))
	}
	return nil
}

// cycle is the way from a scorer by what it requires back to itself; nil: there is none.
func cycle(name string, answers map[string]*scoring.Manifest, path []string) []string {
	if i := slices.Index(path, name); i >= 0 {
		if i > 0 {
			return nil // of others, who are told themselves
		}
		return append(path, name)
	}
	m := answers[name]
	if m == nil {
		return nil
	}
	for _, r := range m.Requires {
		if found := cycle(r.Scorer, answers, append(path, name)); found != nil {
			return found
		}
	}
	return nil
}

// Entries are all scorers, those that are switched off too, by name.
func (s *set) Entries() []Entry {
	return slices.SortedFunc(slices.Values(s.entries), func(a, b Entry) int { return strings.Compare(a.name(), b.name()) })
}

// Entry is the scorer of a name, switched off or not.
func (s *set) Entry(name string) (Entry, bool) {
	i := s.find(name)
	if i < 0 {
		return Entry{}, false
	}
	return s.entries[i], true
}

// find is the index of an entry, or -1.
func (s *set) find(name string) int {
	return slices.IndexFunc(s.entries, func(e Entry) bool { return e.name() == name })
}

// Manifests are the scorers that answer, by name.
func (s *set) Manifests() []*scoring.Manifest {
	return slices.SortedFunc(slices.Values(s.manifests), func(a, b *scoring.Manifest) int { return strings.Compare(a.Name, b.Name) })
}

// Manifest is the scorer of a name.
func (s *set) Manifest(name string) (*scoring.Manifest, error) {
	i, err := s.index(name)
	if err != nil {
		return nil, err
	}
	return s.manifests[i], nil
}

// Params are the values of a scorer's parameters, by the index of its manifest.
func (s *set) Params(name string) []scoring.Value { return s.settings[s.find(name)] }

// Version is a scorer's version, with a digest of its parameters where they are not the defaults, and
// of what it was made from where that is not this program: "1.0.0+a1b2c3d4".
func (s *set) Version(name string) string { return s.version(s.find(name)) }

func (s *set) version(entry int) string {
	return version(s.entries[entry].Scorer.Manifest(), s.settings[entry], s.entries[entry].Digest)
}

// Dependents are the scorers that require one, by name.
func (s *set) Dependents(name string) (names []string) {
	for _, m := range s.manifests {
		if slices.ContainsFunc(m.Requires, func(r scoring.OutputUse) bool { return r.Scorer == name }) {
			names = append(names, m.Name)
		}
	}
	return names
}

func (s *set) names() []string {
	names := make([]string, len(s.manifests))
	for i, m := range s.Manifests() {
		names[i] = m.Name
	}
	return names
}

// index finds a scorer that answers.
func (s *set) index(name string) (int, error) {
	if i, ok := s.byName[name]; ok {
		return i, nil
	}
	if e, ok := s.Entry(name); ok {
		return 0, errorf("SCORER_DISABLED", "scorer %s is switched off: %s", name, e.Off)
	}
	return 0, errorf("UNKNOWN_SCORER", "unknown scorer %q (the scorers are %s)", name, strings.Join(s.names(), ", "))
}
