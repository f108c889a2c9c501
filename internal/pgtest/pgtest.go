// Package pgtest has a PostgreSQL server for tests, and for the command that writes migrations. Start with [Database].
//
// The server is the one that BELLWETHER_TEST_POSTGRES names - the URL of a user who may create databases - or a private
// one, made of the machine's binaries in a temporary folder, which is gone when the process ends, however it ends.
package pgtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/lib/pq" // the driver
)

// Variables of the environment.
const (
	// Server names a server that is there already.
	Server = "BELLWETHER_TEST_POSTGRES"
	// Kind says on which database the tests run that run on either: sqlite, which is the default, or postgres.
	Kind = "BELLWETHER_TEST_DATABASE"
)

// Postgres tells whether this run of the tests is PostgreSQL's.
func Postgres() bool { return os.Getenv(Kind) == "postgres" }

// DSN is a new database of the kind that this run of the tests is for.
func DSN(t testing.TB) string {
	t.Helper()
	if Postgres() {
		return Database(t)
	}
	return "sqlite:" + filepath.Join(t.TempDir(), "shop.db")
}

// New is a new, empty database for all tests of a process, of the kind that this run is for. It goes with the process, or
// with the server.
func New(ctx context.Context) (string, error) {
	if !Postgres() {
		return "sqlite::memory:", nil
	}
	s, err := shared()
	if err != nil {
		return "", err
	}
	return s.Create(ctx)
}

// Database is the URL of a new, empty database, which is dropped after the test. Without a server the test fails: one
// that was skipped would tell nobody that half of the store is untested.
func Database(t testing.TB) string {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	dsn, err := s.Create(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Drop(context.Background(), dsn); err != nil {
			t.Error(err)
		}
	})
	return dsn
}

// shared is the server of this process.
var shared = sync.OnceValues(func() (*Cluster, error) { return Start(context.Background()) })

// Cluster is a server.
type Cluster struct {
	URL    string // of its database postgres
	Folder string // of a private one; else ""
	bin    string // of its programs
	admin  *sql.DB
	life   io.Closer // what keeps a private server alive
}

// Start finds a server, or starts one.
func Start(ctx context.Context) (*Cluster, error) {
	if named := os.Getenv(Server); named != "" {
		return connect(ctx, &Cluster{URL: named})
	}
	return Private(ctx)
}

// Private starts a server of its own, which may be crashed. Settings such as "shared_buffers=1GB" come after those that
// make tests fast, which trade durability for time.
func Private(ctx context.Context, settings ...string) (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	for range 3 { // another process may take the port that was free
		var c *Cluster
		if c, err = start(ctx, bin, settings); err == nil {
			return c, nil
		}
	}
	return nil, fmt.Errorf("start PostgreSQL: %w", err)
}

// Close ends a private server and removes its folder.
func (c *Cluster) Close() error {
	err := c.admin.Close()
	if c.life == nil {
		return err
	}
	err = errors.Join(err, c.life.Close())
	for range 100 { // its guard removes the folder last
		if _, gone := os.Stat(c.Folder); gone != nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}

// Crash ends a private server at once, as a crash would.
func (c *Cluster) Crash(ctx context.Context) error {
	return c.control(ctx, "stop", "--mode=immediate")
}

// Restart starts a private server that was crashed, and waits until it answers.
func (c *Cluster) Restart(ctx context.Context) error {
	return c.control(ctx, "start", "--log="+filepath.Join(c.Folder, "log"))
}

func (c *Cluster) control(ctx context.Context, what ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, "pg_ctl"), append(what, "--pgdata="+filepath.Join(c.Folder, "data"), "--timeout=60")...)
	cmd.Dir = c.Folder
	if err := asServer(cmd, c.Folder); err != nil {
		return err
	}
	if err := cmd.Run(); err != nil { // without its output: the server would inherit the pipe
		log, _ := os.ReadFile(filepath.Join(c.Folder, "log"))
		return fmt.Errorf("%s the server: %w: %s", what[0], err, log)
	}
	return nil
}

// Create makes an empty database and returns its URL.
func (c *Cluster) Create(ctx context.Context) (string, error) {
	name := "bellwether_" + strings.ToLower(rand.Text())
	if _, err := c.admin.ExecContext(ctx, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"); err != nil {
		return "", fmt.Errorf("create a database: %w", err)
	}
	u, err := url.Parse(c.URL)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}

// Drop drops a database, whoever uses it.
func (c *Cluster) Drop(ctx context.Context, dsn string) error {
	u, err := url.Parse(dsn)
	if err != nil {
		return err
	}
	_, err = c.admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+strings.TrimPrefix(u.Path, "/")+" WITH (FORCE)")
	return err
}

// connect waits until a server answers.
func connect(ctx context.Context, c *Cluster) (*Cluster, error) {
	var err error
	if c.admin, err = sql.Open("postgres", c.URL); err != nil {
		return nil, err
	}
	for range 200 {
		if err = c.admin.PingContext(ctx); err == nil || c.life == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err == nil {
		return c, nil
	}
	if c.life != nil {
		log, _ := os.ReadFile(filepath.Join(c.Folder, "log"))
		err = fmt.Errorf("%w: %s", err, log)
	}
	return nil, errors.Join(err, c.Close())
}

// start makes a server in a temporary folder. A shell guards it: when the pipe to this process breaks, it ends the
// server and removes the folder.
func start(ctx context.Context, bin string, settings []string) (*Cluster, error) {
	folder, err := os.MkdirTemp("", "bellwether-postgres-")
	if err != nil {
		return nil, err
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	guard := exec.Command("sh", "-c", guardScript, "guard", bin, folder, configuration(folder, port, settings)) //nolint:noctx // it outlives the call
	guard.Dir = folder
	guard.Env = append(os.Environ(), "LC_ALL=C")
	if err := asServer(guard, folder); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	life, err := guard.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := guard.Start(); err != nil {
		return nil, err
	}
	go guard.Wait() //nolint:errcheck // only so that it leaves no zombie
	return connect(ctx, &Cluster{
		URL: "postgres://postgres@127.0.0.1:" + strconv.Itoa(port) + "/postgres?sslmode=disable", Folder: folder, bin: bin, life: life,
	})
}

// configuration is what a private server has in its postgresql.conf. What it keeps need not outlive the machine.
func configuration(folder string, port int, settings []string) string {
	return strings.Join(append([]string{
		"port = " + strconv.Itoa(port), "listen_addresses = '127.0.0.1'", "unix_socket_directories = '" + folder + "'", "max_connections = 200",
		"fsync = off", "full_page_writes = off", "synchronous_commit = off", "shared_buffers = 64MB", "max_wal_size = 256MB",
	}, settings...), "\n")
}

const guardScript = `
bin=$1 folder=$2 configuration=$3
{
	"$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --no-locale --no-sync &&
	printf '%s\n' "$configuration" >>"$folder/data/postgresql.conf" &&
	exec "$bin/postgres" -D "$folder/data"
} >"$folder/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
"$bin/pg_ctl" -D "$folder/data" stop -m immediate >/dev/null 2>&1 || kill -QUIT "$server" 2>/dev/null
wait "$server"
cd / && rm -rf "$folder"
`

func freePort(ctx context.Context) (int, error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close() //nolint:errcheck // only its port is wanted
	return l.Addr().(*net.TCPAddr).Port, nil
}

// binaries is the folder of PostgreSQL's programs: of the newest version that Debian's packages installed, or on PATH.
func binaries() (string, error) {
	newest, folder := 0, ""
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	for _, path := range found {
		bin := filepath.Dir(path)
		if version, err := strconv.Atoi(filepath.Base(filepath.Dir(bin))); err == nil && version > newest {
			newest, folder = version, bin
		}
	}
	if folder != "" {
		return folder, nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	return "", fmt.Errorf("there is no PostgreSQL 15 or newer (install it: apt-get install postgresql; or set %s to the URL of a server)", Server)
}
