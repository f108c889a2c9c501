package engine

import (
	"context"
	"time"

	"bellwether/scoring"
)

// Stored is where scores, models and the work on them are kept; internal/store is one. Without it an engine computes
// every answer.
type Stored interface {
	StoredScores
	StoredModels
	StoredWork
}

// StoredScores reads what is kept.
type StoredScores interface {
	// Scores reads the scores of some customers by some scorers, and when each customer's data changed last. Customers
	// that are not known or merged are left out, and so is revenue.
	// outputs is how many slots are read.
	Scores(ctx context.Context, ids []scoring.ID, scorers []string, outputs int) (*StoredRows, error)
	// States are the states of all scorers that were ever stored.
	States(ctx context.Context) ([]ScorerState, error)
	// Labels counts the scores of a scorer by label.
	Labels(ctx context.Context, scorer string) (map[string]LabelCount, error)
}

// StoredRows are stored scores: of each customer those that there are.
type StoredRows struct {
	IDs     []scoring.ID
	Changed []scoring.Instant // of each customer
	Rows    []StoredRow
}

// StoredRow is one stored score.
type StoredRow struct {
	Customer  int // index of IDs
	Scorer    string
	Version   string
	Label     string // "": of a scorer without labels
	AsOf      scoring.Instant
	ModelAsOf scoring.Instant // Never: the scorer learns nothing
	Seen      scoring.Instant // how new the customer's data was
	Until     scoring.Instant // Never: not known
	Slots     [scoring.MaxOutputs]int64
	Texts     string // a JSON object of the outputs of kind Text, by index
	Revenue   int64  // net revenue over all history, minor units
}

// LabelCount is how many customers have a label, and their net revenue.
type LabelCount struct {
	Customers int
	Revenue   int64
}

// ScorerState is how far the stored scores of a scorer are.
type ScorerState struct {
	Scorer    string
	Version   string
	Model     int64           // the current model's number; it grows
	Digest    string          // of all that the model depends on, but for the data
	ModelAsOf scoring.Instant // when the model was fitted, also where nothing is learned
	Data      Revision        // that the model was fitted on
	Seen      Place           // the data up to here is in the scores
	Checked   int64           // the model that everybody was last scored with
	CheckedAt scoring.Instant // when that began: the scores hold as of then, if they are older
	Failures  int             // in a row
	RetryAt   scoring.Instant
	Failed    string // the version that failed last
	Error     string
	Revision  int64 // grows with every change of the scores
}

// waits tells whether a scorer that failed is to be left alone for a while; another version of it is tried at once.
func (s *ScorerState) waits(version string, now scoring.Instant) bool {
	return s.Failures > 0 && s.RetryAt > now && (s.Failed == version || s.Failed == "")
}

// Place is a place in the order in which customers' data changes.
type Place struct {
	At scoring.Instant
	ID scoring.ID
}

// Customer is a customer with the instant at which its data changed last.
type Customer struct {
	ID scoring.ID
	At scoring.Instant
}

// StoredModels keeps models.
type StoredModels interface {
	// SaveModel makes a model a scorer's current one, under a number that it returns.
	SaveModel(ctx context.Context, lease Lease, s ScorerState, parts [][]byte) (number int64, err error)
	// Model reads the parts of a model in order; there are none where it was replaced meanwhile.
	Model(ctx context.Context, scorer string, number int64, yield func(part []byte) error) error
}

// Lease is the right to refresh. It is one process's at a time, and every write checks it.
type Lease struct {
	Holder string
	Token  int64
}

// StoredWork is what a refresh reads and writes. Each write is one short transaction that fails with [ErrLost] where
// the lease is another's by now.
type StoredWork interface {
	// Acquire takes the lease, or renews it; false: another process has it.
	Acquire(ctx context.Context, holder string, keep time.Duration) (Lease, bool, error)
	// Release gives the lease up.
	Release(ctx context.Context, l Lease) error
	// Changed are the customers whose data changed after a place, in that order.
	Changed(ctx context.Context, after Place, limit int) ([]Customer, error)
	// Everybody are the customers after one, by id.
	Everybody(ctx context.Context, after scoring.ID, limit int) ([]Customer, error)
	// Due are the customers whose stored score holds until an instant at most.
	Due(ctx context.Context, scorer string, at scoring.Instant, limit int) ([]Customer, error)
	// Begin opens a refresh and returns its number.
	Begin(ctx context.Context, l *Lease, r Refresh) (int64, error)
	// Open are the refreshes that are not finished, in order.
	Open(ctx context.Context) ([]Refresh, error)
	// Write stores a chunk of scores and how far the refresh is then.
	Write(ctx context.Context, l Lease, c Chunk) (Written, error)
	// Rewrite puts labels of the past into the history, where they differ from what it says.
	Rewrite(ctx context.Context, l Lease, c Chunk, at scoring.Instant) (Written, error)
	// Failed notes that a scorer failed.
	Failed(ctx context.Context, l Lease, scorer string, version string, retry scoring.Instant, cause string) error
	// Finish closes a refresh.
	Finish(ctx context.Context, l Lease, r Refresh) error
}

// The kinds of refreshes.
const (
	RefreshChanged   = "CHANGED"   // customers whose data changed, and answers that no longer hold
	RefreshEverybody = "EVERYBODY" // after a new model
	RefreshRequested = "REQUESTED" // everybody, with new models first
	RefreshPast      = "PAST"      // history alone
)

// Refresh is one refresh of scores.
type Refresh struct {
	ID         int64
	Kind       string
	Scorers    []string
	AsOf       scoring.Instant // of a past one; else when it began
	StartedAt  scoring.Instant
	Finished   bool
	FinishedAt scoring.Instant // Never: it is not
	Cursor     scoring.ID      // everybody up to here is done
	Customers  int
	Changed    int
	Errors     []RefreshError
	Checked    map[string]int64 // when finished: the models that everybody was scored with
	Indexed    map[string][]int // the outputs that are sorted and filtered by; only to [StoredWork.Finish]
}

// Incremental tells that only those were scored of whom something changed.
func (r *Refresh) Incremental() bool { return r.Kind == RefreshChanged }

// RefreshError is the failure of one scorer in a refresh.
type RefreshError struct {
	Scorer  string `json:"scorer"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Chunk are the scores of some customers.
type Chunk struct {
	Refresh int64
	AsOf    scoring.Instant
	Cursor  *scoring.ID // of the refresh; nil: as it is
	IDs     []scoring.ID
	Scorers []ChunkScores
}

// ChunkScores are the scores of a chunk by one scorer.
type ChunkScores struct {
	Scorer  string
	Outputs int    // slots of a row
	Seen    *Place // its state's; nil: as it is
	Rows    []StoredRow
	IDs     []scoring.ID // of the rows
}

// Written is what a chunk changed.
type Written struct{ Changed, Moved int }
