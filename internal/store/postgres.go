package store

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"bellwether/internal/fault"
)

// patience is how long a connection to PostgreSQL may take. The server ends a statement by itself; a connection on which
// nothing comes for longer than that has gone silent.
type patience struct{ statement, silence time.Duration }

// Requests end within ten seconds. Imports, migrations and scans of the population have statements that take longer.
func brief() patience { return patience{statement: 6 * time.Second, silence: 7 * time.Second} }

func long() patience {
	return patience{statement: 10 * time.Minute, silence: 10*time.Minute + 2*time.Second}
}

// scans is the number of connections for statements that may take minutes.
const scans = 3

func isPostgres(dsn string) bool {
	scheme, _, _ := strings.Cut(dsn, ":")
	return scheme == "postgres" || scheme == "postgresql"
}

// postgresServer is where a database is, and what is told a connection to it.
type postgresServer struct {
	config pq.Config
	place  string // for messages: without the password
	pool   int    // connections that answer requests
}

// parsePostgres reads a URL. What it leaves out comes from the environment variables of PostgreSQL (PGPASSWORD and the
// like); TLS is used where the server offers it, unless sslmode says otherwise.
func parsePostgres(dsn string) (postgresServer, error) {
	refused := func(err error) (postgresServer, error) {
		return postgresServer{}, fault.New(fault.Invalid,
			"the database's URL is not understood: %w (write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with %%-escapes in the password)", withoutURL(err))
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return refused(err)
	}
	q := u.Query()
	pool := max(8, 4*runtime.GOMAXPROCS(0))
	if text := q.Get("pool_max_conns"); text != "" {
		if pool, err = strconv.Atoi(text); err != nil || pool < 1 || pool > 1000 {
			return refused(errors.New("pool_max_conns is a number from 1 to 1000"))
		}
		q.Del("pool_max_conns")
		u.RawQuery = q.Encode()
	}
	config, err := pq.NewConfig(u.String())
	if err != nil {
		return refused(err)
	}
	if !q.Has("sslmode") && config.SSLMode == "" {
		config.SSLMode = pq.SSLModePrefer
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	place := url.URL{Scheme: "postgres", Host: net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port))), Path: "/" + config.Database}
	if strings.HasPrefix(config.Host, "/") {
		place.Host, place.RawQuery = "", "host="+config.Host
	}
	return postgresServer{config, place.String(), pool}, nil
}

// withoutURL is an error without the URL, which may have a password.
func withoutURL(err error) error {
	if parse, ok := errors.AsType[*url.Error](err); ok {
		return parse.Err
	}
	return err
}

// connector makes connections with settings of their own: no just-in-time compilation, which takes longer than it saves
// on statements of milliseconds, and ends for statements, for transactions that were left, and for peers that are gone.
func (p postgresServer) connector(of patience, opts Options) *postgresConnector {
	config := p.config.Clone()
	if config.ApplicationName == "" {
		config.ApplicationName = "bellwether"
	}
	settings := map[string]string{
		"idle_in_transaction_session_timeout": millis(2 * of.silence),
		"jit":                                 "off",
		"statement_timeout":                   millis(of.statement),
		"tcp_keepalives_count":                "3",
		"tcp_keepalives_idle":                 "10",
		"tcp_keepalives_interval":             "5",
		"timezone":                            "UTC",
	}
	if opts.ReadOnly {
		settings["default_transaction_read_only"] = "on"
	}
	for name, value := range config.Runtime {
		if name != "statement_timeout" || of == brief() { // the URL's is for requests
			settings[name] = value
		}
	}
	config.Runtime = settings
	return &postgresConnector{config: config, patience: of, trace: opts.Trace}
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// open opens a pool of at most n connections. They are kept, but not for ever: so that those to a server that was
// replaced come to an end.
func (c *postgresConnector) open(n int) *sql.DB {
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	db.SetConnMaxIdleTime(5 * time.Minute)
	db.SetConnMaxLifetime(time.Hour)
	return db
}

// openPostgres opens the pools: one for requests, one of a single connection whose transactions hold the write lock, so
// that the writers of a process queue here and not in the server, and one for what takes longer. The last goes over the
// population in chunks; the planner, who takes a chunk of thousands for a good part of a table, would read the whole
// table for each.
func (s *Store) openPostgres(ctx context.Context, dsn string, opts Options) error {
	server, err := parsePostgres(dsn)
	if err != nil {
		return err
	}
	s.path, s.dialect = server.place, newPostgresDialect()
	if err := migratePostgres(ctx, server, opts); err != nil {
		return err
	}
	requests := brief()
	if opts.Bulk {
		requests = long()
	}
	s.reads = server.connector(requests, opts).open(server.pool)
	population := server.connector(long(), opts)
	population.config.Runtime["enable_seqscan"] = "off"
	s.scans = population.open(scans)
	writer := server.connector(requests, opts)
	writer.locks = true
	s.writer = writer.open(1)
	return nil
}
