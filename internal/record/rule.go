package record

import "time"

// RuleVersion is a version of a rule.
type RuleVersion struct {
	Version    string
	SavedAt    time.Time
	Definition []byte // the JSON of the API's SaveRuleInput; nil: the version is that it was deleted
}

// RefusedScorer is a rule or a module that does not answer because of what is wrong with it.
type RefusedScorer struct {
	File    string // in the folder of plugins; "": it is in the database
	Scorer  string // its name; "": it could not be read
	Message string
}
